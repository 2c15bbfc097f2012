"""wire.py PORT TO-PORT: a connection between two hosts that can break: what comes at PORT goes on to TO-PORT of this machine until a
line comes on stdin, then every connection is reset."""
import asyncio
import socket
import struct
import sys

writers = []


async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        writer.transport.abort()


async def serve(reader, writer):
    to_reader, to_writer = await asyncio.open_connection('127.0.0.1', int(sys.argv[2]))
    writers.extend((writer, to_writer))
    await asyncio.gather(carry(reader, to_writer), carry(to_reader, writer))


def cut():
    for w in writers:
        w.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        w.transport.abort()


async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[1]))
    print('ready', flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    server.close()
    cut()
    await asyncio.sleep(0.2)


asyncio.run(main())
