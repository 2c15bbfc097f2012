/* core/: starting and stopping guests with devices, again and again, leaves memory, descriptors and
 * files where they were. */
#include <dirent.h>
#include <malloc.h>
#include <unistd.h>

#include "../lib/core_rig.h"

enum { CYCLES = 100, WARM_UP = 20, SLACK = 64 << 10 };

static size_t count_files(const char *path)
{
    DIR *d = opendir(path);
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static struct domain *equipped(void)
{
    struct domain *d = model("web", "");
    struct disk *k = DOMAIN_ADD(d, disks);
    *k = (struct disk){.type = DISK_FILE,
                       .device = DISK_DISK,
                       .source = mem_str("/b.img"),
                       .target = mem_str("xvda"),
                       .bus = BUS_XEN};
    struct nic *n = DOMAIN_ADD(d, nics);
    *n = (struct nic){
        .type = NIC_BRIDGE, .bridge = mem_str("br0"), .mac = {{0, 0x16, 0x3e, 1, 2, 3}, true}};
    struct graphics *v = DOMAIN_ADD(d, graphics);
    v->type = GFX_VNC;
    return d;
}

static void cycle(struct rig *r, struct guest *g, unsigned i)
{
    struct waiting w = {0};
    start(r, g);
    if (i % 2)
        destroy(r, g);
    else {
        assert_int_equal(guest_managed_save(g, 0, on_done, &w, NULL), 0);
        await(r, &w);
    }
    str_clear(&r->events);
}

static void nothing_is_left_behind(void **state)
{
    struct rig *r = *state;
    struct guest *g = define(r, equipped());
    const char *wanted = getenv("CYCLES");
    uint64_t n = CYCLES;
    if (wanted)
        assert_true(parse_u64(wanted, 10, 1000000, &n));
    for (unsigned i = 0; i < WARM_UP; i++)
        cycle(r, g, i);
    CLEANUP_FREE char *jobs = mem_printf("%s/state/jobs", r->dir),
                      *xen = mem_printf("%s/xen", r->dir);
    size_t fds = count_files("/proc/self/fd"), domains = count_files(xen),
           used = mallinfo2().uordblks;
    for (unsigned i = 0; i < n; i++)
        cycle(r, g, i);
    spin(r, 20);
    assert_int_equal(count_files("/proc/self/fd"), fds);
    assert_int_equal(count_files(xen), domains);
    assert_int_equal(count_files(jobs), 0);
    if (mallinfo2().uordblks > used + SLACK)
        fail_msg("%zu bytes more are in use", mallinfo2().uordblks - used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_left_behind, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
