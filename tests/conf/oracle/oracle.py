#!/usr/bin/env python3
"""oracle.py BUILD [-xl|-xml|-json] [TEXT...]: what the real xl makes of some 3,700 small files (cases.py; those whose name holds a
TEXT), and of the same files after a conversion; every difference is printed, to be judged by a reader. The files go through xl -> xl (-xl),
xl -> XML -> xl (-xml) and xl -> XML -> JSON (-json)."""
import atexit, glob, json, os, re, shutil, subprocess, sys, tempfile
BUILD=sys.argv[1] if len(sys.argv)>1 else 'build'
WORK=tempfile.mkdtemp()
XL=[os.environ.get('XL') or next(iter(sorted(glob.glob('/usr/lib/xen-*/bin/xl'))),''),'-N','create']
ENV=dict(os.environ, LD_PRELOAD=WORK+'/stub.so')
CONV=BUILD+'/tests/conf/convert'
def xl(text):
    p=WORK+'/o.cfg'
    open(p,'wb').write(text if isinstance(text,bytes) else text.encode())
    r=subprocess.run(XL+[p],env=ENV,capture_output=True,timeout=20)
    out=r.stdout.decode('latin1'); err=r.stderr.decode('latin1')
    if r.returncode<0: return None,'CRASH %d'%r.returncode
    i=out.find('{\n')
    if r.returncode or i<0: return None,err
    try: return json.loads(out[i:]),err
    except Exception as e: return None,'badjson '+str(e)
def conv(text,a,b,*flags):
    r=subprocess.run([CONV,a,b,*flags],input=text if isinstance(text,bytes) else text.encode(),capture_output=True,timeout=20)
    return (r.stdout.decode('latin1') if r.returncode==0 else None), r.stderr.decode('latin1')
def norm(v,path=''):
    if isinstance(v,dict):
        d={}
        for k,x in v.items():
            x=norm(x,path+'.'+k)
            if x in ({},[],None) : continue
            d[k]=x
        return d
    if isinstance(v,list): return [norm(x,path+'[]') for x in v]
    return v
def diff(a,b,path=''):
    if type(a)!=type(b): return [f'{path}: {a!r} -> {b!r}']
    if isinstance(a,dict):
        r=[]
        for k in sorted(set(a)|set(b)):
            if k not in a: r.append(f'{path}.{k}: (none) -> {json.dumps(b[k])}')
            elif k not in b: r.append(f'{path}.{k}: {json.dumps(a[k])} -> (none)')
            else: r+=diff(a[k],b[k],path+'.'+k)
        return r
    if isinstance(a,list):
        if len(a)!=len(b): return [f'{path}: {json.dumps(a)} -> {json.dumps(b)}']
        return sum((diff(x,y,f'{path}[{i}]') for i,(x,y) in enumerate(zip(a,b))),[])
    return [] if a==b else [f'{path}: {a!r} -> {b!r}']
def strip(e): return '\n'.join(l for l in e.splitlines() if not l.rstrip().endswith(': converted') and l.strip())+'\n'
def canon(c):
    b=c.setdefault('b_info',{}); t=c.get('c_info',{}).get('type')
    c.setdefault('on_reboot','restart'); c.setdefault('on_soft_reset','soft_reset')
    def dd(d,k,v):
        if d.get(k) in (None,v): d.pop(k,None)
    if b.get('max_vcpus',1)==1: b.pop('max_vcpus',None)
    n=b.get('max_vcpus',1)
    if 'avail_vcpus' not in b: b['avail_vcpus']=[0]
    for k in ('localtime','nested_hvm','disable_migrate'): dd(b,k,'False')
    for k in ('claim_mode',): b.pop(k,None)
    c['c_info'].pop('run_hotplug_scripts',None)
    if t!='pv':
        for k in ('acpi','apic'): dd(b,k,'True')
        dd(c['c_info'],'hap','True')
    def disp(h):
        v=h.setdefault('vnc',{}); dd(v,'enable','True'); dd(v,'findunused','True')
        s_=h.setdefault('sdl',{}); dd(s_,'enable','False'); dd(s_,'opengl','False')
        if v.get('enable')=='False': h['vnc']={'enable':'False'}
    h=b.get('type.hvm')
    if t=='hvm':
        h=b.setdefault('type.hvm',{})
        disp(h)
        for k in ('pae','hpet','xen_platform_pci','nx','acpi_s3','acpi_s4','vpt_align'): dd(h,k,'True')
        for k in ('viridian','nographic','usb'): 
            if k!='usb': dd(h,k,'False')
        if h.get('usbdevice') : h['usbdevice_list']=[h.pop('usbdevice')]
        if h.get('serial'): h['serial_list']=[h.pop('serial')]
        if h.get('serial_list')==['none']: h.pop('serial_list')
        if h.get('usbdevice_list'): h['usb']='True'
        dd(h,'usb','False')
        s_=h.setdefault('spice',{}); dd(s_,'enable','False'); dd(s_,'disable_ticketing','False'); dd(s_,'agent_mouse','True'); dd(s_,'vdagent','False'); dd(s_,'clipboard_sharing','False')
        g=h.setdefault('vga',{}); dd(g,'kind','cirrus')
        if h.get('boot','c')=='c': h.pop('boot',None)
    for v in c.get('vfbs',[]): disp(v)
    for nn in c.get('nics',[]):
        dd(nn,'nictype','vif_ioemu' if t=='hvm' else 'vif'); dd(nn,'script','vif-bridge'); nn.pop('devid',None) if '-devid' not in sys.argv else 0; dd(nn,'model','rtl8139')
    for k in c.get('disks',[]):
        k.setdefault('removable',1); dd(k,'pdev_path','')
    for l in ('vfbs','vkbs','channels','usbctrls','vtpms','vdispls','vsnds','p9s','pvcallsifs'):
        for v in c.get(l,[]): v.pop('devid',None)
    return norm(c)
def check(name,text,modes=('xml','xl','json')):
    A,err=xl(text)
    res=[]
    if A is None:
        o,e=conv(text,'xen-xl','xen-xl','raw')
        if o is not None: res.append(('accept', f'xl refuses ({err.strip().splitlines()[-1] if err.strip() else ""}); we read it; notes: {strip(e)}'))
        return res
    A=canon(norm(A))
    for m in modes:
        if m=='xl': t,e=conv(text,'xen-xl','xen-xl','raw'); e2=''
        elif m=='xml':
            x,e=conv(text,'xen-xl','xml'); e2=''
            if x is None: res.append((m,'refused: '+e.strip())); continue
            t,e2=conv(x,'xml','xen-xl')
        elif m=='json':
            x,e=conv(text,'xen-xl','xml'); t,e2=conv(x,'xml','xen-json','xen=417') if x else (None,'')
        if t is None: res.append((m,'refused: '+e.strip()+e2.strip())); continue
        if m=='json': B=json.loads(t); berr=''
        else: B,berr=xl(t)
        if B is None: res.append((m,'xl refuses ours: '+berr.strip()[-300:]+'\n'+t)); continue
        d=[x for x in diff(A,canon(norm(B))) if not ignore(m,x)]
        e=strip(e); e2=strip(e2)
        if d: res.append((m,'\n    '.join(d)+ ('\n    notes: '+(e+e2).strip().replace('\n','\n      ') if (e+e2).strip() else '\n    notes: NONE')))
    return res
IGN=[]
IGN_JSON=[]
def ignore(m,x):
    return any(re.search(p,x) for p in IGN) or (m=='json' and any(re.search(p,x) for p in IGN_JSON))
IGN=[r'^\.c_info\.uuid',r'ms_vm_genid.\d+.']
IGN_JSON=[r'video_memkb: .none. -> (8192|16384)',r'^.v(fb|kb)s: .none. -> ',r'run_hotplug_scripts',r'claim_mode',r'devid: \d+ -> \(none\)',r'removable: \(none\) -> 1',r'removable: 0 -> 1']
def run(cases,modes=('xml','xl','json')):
    n=0;bad=0
    for name,text in cases:
        n+=1
        try: r=check(name,text,modes)
        except Exception as e: r=[('exc',repr(e))]
        if r:
            bad+=1
            print('===',name)
            if '-t' in sys.argv: print(text if isinstance(text,str) else text.decode('latin1'))
            for m,x in r: print('  ',m,':',x)
    print(n,'cases,',bad,'with differences')
if __name__=='__main__':
    atexit.register(shutil.rmtree, WORK)
    if not os.access(XL[0], os.X_OK):
        print('oracle: no xl here (XL=/path/of/xl, of the package xen-utils): skipped'); sys.exit(77)
    subprocess.run(['cc','-shared','-fPIC','-o',WORK+'/stub.so',os.path.dirname(os.path.abspath(__file__))+'/stub.c'],check=True)
    from cases import cases
    words=[a for a in sys.argv[2:] if not a.startswith('-')]
    modes=[m for m in ('xl','xml','json') if '-'+m in sys.argv] or ['xl','xml']
    run([c for c in cases if not words or any(w in c[0] for w in words)], modes)
