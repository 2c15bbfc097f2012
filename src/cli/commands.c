/* All tables of commands. */
#include "cmd.h"

#define TABLES(X) \
    X(domain) \
    X(migrate) X(undefine) X(device) X(saved) X(guest) X(text) X(vcpu) X(tune) X(disk) X(nic) \
        X(monitor) X(event) X(watch) X(host) X(boot) X(snapshot) X(node) X(cpu) X(iface) X(filter) \
            X(network) X(nodedev) X(secret) X(pool) X(volume) X(convert) X(keys) X(import) X(pki) \
                X(shell)
#define DECLARE(name) extern const struct cmd cmds_##name[];
#define ADDRESS(name) cmds_##name,

TABLES(DECLARE)
const struct cmd *const cmd_tables[] = {TABLES(ADDRESS) NULL};
