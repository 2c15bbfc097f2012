/* core/: changing guests, live and stored: memory, CPUs, devices, names, metadata, images. */
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/core_rig.h"
#include "core/tune.h"

static const char disk_xml[] = "<disk type='file' device='disk'><source file='/b.img'/>"
                               "<target dev='xvdb' bus='xen'/></disk>";
static const char nic_xml[] = "<interface type='bridge'><mac address='00:16:3e:01:02:03'/>"
                              "<source bridge='br1'/></interface>";

static struct domain *roomy(const char *name)
{
    struct domain *d = model(name, "");
    d->memory_max_kib = NUM(131072);
    d->vcpus_max = NUM(4);
    return d;
}

static struct guest *roomy_started(struct rig *r)
{
    struct guest *g = define(r, roomy("web"));
    start(r, g);
    str_clear(&r->events);
    return g;
}

static int64_t live_kib(struct guest *g)
{
    return guest_config(g, false)->memory_kib.v;
}

static int64_t config_kib(struct guest *g)
{
    return guest_config(g, true)->memory_kib.v;
}

static void memory_is_set_where_it_is_asked_for(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = roomy_started(r);
    assert_int_equal(guest_set_memory(g, 100000, false, AFFECT_LIVE, &e), 0);
    assert_int_equal(live_kib(g), 100000);
    assert_int_equal(config_kib(g), 65536);
    assert_int_equal(guest_set_memory(g, 70000, false, AFFECT_CONFIG, &e), 0);
    assert_int_equal(live_kib(g), 100000);
    assert_int_equal(config_kib(g), 70000);
    struct hv_info i;
    hv_sim_ops.info(host_hv(r->h), (uint32_t)guest_domid(g), &i, NULL);
    assert_int_equal(i.mem_kib, 100000);
    assert_int_equal(guest_set_memory(g, 200000, false, AFFECT_CURRENT, &e), -1);
    assert_int_equal(e.code, ERR_INVALID_ARG);
    restart_daemon(r);
    g = find(r, "web");
    assert_int_equal(live_kib(g), 100000);
    assert_int_equal(config_kib(g), 70000);
}

static void the_maximum_of_memory_pulls_the_rest_down(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define(r, roomy("web"));
    assert_int_equal(guest_set_memory(g, 32768, true, AFFECT_CURRENT, &e), 0);
    assert_int_equal(config_kib(g), 32768);
    assert_int_equal(guest_config(g, true)->memory_max_kib.v, 32768);
}

static void changes_of_what_is_not_there_are_refused(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *off = define(r, roomy("off")), *once = created(r, "once", "");
    assert_int_equal(guest_set_memory(off, 65536, false, AFFECT_LIVE, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    assert_string_equal(e.msg, "domain is not running");
    assert_int_equal(guest_set_memory(once, 65536, false, AFFECT_CONFIG, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
    assert_non_null(strstr(e.msg, "transient"));
    assert_int_equal(guest_set_memory(off, 0, false, AFFECT_CONFIG, &e), -1);
}

static void vcpus_are_set_live_and_stored(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0}, c = {0};
    struct guest *g = roomy_started(r);
    uint32_t n = 0;
    assert_int_equal(guest_set_vcpus(g, 3, false, AFFECT_LIVE | AFFECT_CONFIG, on_done, &w, &e), 0);
    await(r, &w);
    assert_int_equal(guest_vcpus(g, false, AFFECT_LIVE, &n, &e), 0);
    assert_int_equal(n, 3);
    assert_int_equal(guest_vcpus(g, false, AFFECT_CONFIG, &n, &e), 0);
    assert_int_equal(n, 3);
    assert_int_equal(guest_set_vcpus(g, 5, false, AFFECT_LIVE, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_INVALID_ARG);
    assert_non_null(strstr(e.msg, "5 > 4"));
    assert_int_equal(guest_set_vcpus(g, 6, true, AFFECT_LIVE, on_done, NULL, &e), -1);
    assert_int_equal(guest_set_vcpus(g, 2, true, AFFECT_CONFIG, on_done, &c, &e), 0);
    await(r, &c);
    assert_int_equal(guest_vcpus(g, false, AFFECT_CONFIG, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(guest_vcpus(g, true, AFFECT_LIVE, &n, &e), 0);
    assert_int_equal(n, 4);
}

static void vcpus_are_pinned(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    uint8_t map[1] = {5}, got[1];
    struct guest *g = roomy_started(r);
    assert_int_equal(guest_vcpu_pin(g, 1, AFFECT_LIVE, got, 1, &e), 0);
    assert_int_equal(got[0], 255);
    assert_int_equal(guest_pin_vcpu(g, 1, map, 1, AFFECT_LIVE | AFFECT_CONFIG, &e), 0);
    assert_int_equal(guest_vcpu_pin(g, 1, AFFECT_LIVE, got, 1, &e), 0);
    assert_int_equal(got[0], 5);
    assert_int_equal(guest_vcpu_pin(g, 0, AFFECT_CONFIG, got, 1, &e), 0);
    assert_int_equal(got[0], 255);
    struct hv_vcpu *v;
    size_t n;
    hv_sim_ops.vcpus(host_hv(r->h), (uint32_t)guest_domid(g), &v, &n, NULL);
    assert_int_equal(v[1].hard[0], 5);
    hv_vcpus_free(v, n);
    assert_int_equal(guest_pin_vcpu(g, 9, map, 1, AFFECT_LIVE, &e), -1);
    map[0] = 0;
    assert_int_equal(guest_pin_vcpu(g, 0, map, 1, AFFECT_LIVE, &e), -1);
}

static void scheduling_changes_what_is_set(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = roomy_started(r);
    struct sched s = {.weight = NUM(512)}, got = {0};
    assert_int_equal(guest_set_sched(g, &s, AFFECT_LIVE, &e), 0);
    assert_int_equal(guest_sched(g, AFFECT_CURRENT, &got, &e), 0);
    assert_int_equal(got.weight.v, 512);
    assert_int_equal(got.cap.v, 0);
    s.weight = NUM(0);
    assert_int_equal(guest_set_sched(g, &s, AFFECT_LIVE, &e), -1);
    assert_int_equal(e.code, ERR_INVALID_ARG);
}

static void a_disk_comes_and_goes_live_and_stored(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting a = {0}, again = {0}, off = {0};
    struct guest *g = roomy_started(r);
    assert_int_equal(guest_attach(g, disk_xml, AFFECT_LIVE | AFFECT_CONFIG, on_done, &a, &e), 0);
    await(r, &a);
    assert_int_equal(guest_config(g, false)->n_disks, 1);
    assert_int_equal(guest_config(g, true)->n_disks, 1);
    assert_int_equal(guest_attach(g, disk_xml, AFFECT_LIVE, on_done, &again, &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_FAILED);
    restart_daemon(r);
    g = find(r, "web");
    assert_int_equal(guest_config(g, false)->n_disks, 1);
    assert_int_equal(guest_detach(g, disk_xml, AFFECT_LIVE, on_done, &off, &e), 0);
    await(r, &off);
    assert_int_equal(guest_config(g, false)->n_disks, 0);
    assert_int_equal(guest_config(g, true)->n_disks, 1);
}

static void an_attached_interface_gets_its_name(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0};
    struct guest *g = roomy_started(r);
    assert_int_equal(guest_attach(g, nic_xml, AFFECT_LIVE, on_done, &w, &e), 0);
    await(r, &w);
    CLEANUP_FREE char *want = mem_printf("vif%d.0", guest_domid(g));
    assert_string_equal(guest_config(g, false)->nics[0].ifname, want);
    assert_int_equal(guest_config(g, true)->n_nics, 0);
}

static void a_failing_attach_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0};
    struct guest *g = roomy_started(r);
    order(r, "fail attach 1 \"hotplug script failed\"");
    assert_int_equal(guest_attach(g, nic_xml, AFFECT_LIVE | AFFECT_CONFIG, on_done, &w, &e), 0);
    await_error(r, &w);
    assert_non_null(strstr(w.e.msg, "hotplug script failed"));
    assert_int_equal(guest_config(g, false)->n_nics, 0);
    assert_int_equal(guest_config(g, true)->n_nics, 0);
    assert_int_equal(guest_attach(g, "<disk", AFFECT_LIVE, on_done, NULL, &e), -1);
    assert_int_equal(guest_detach(g, disk_xml, AFFECT_LIVE, on_done, NULL, &e), -1);
    assert_int_equal(e.code, ERR_DEVICE_MISSING);
}

static void a_medium_is_changed(void **state)
{
    static const char old[] = "<disk type='file' device='cdrom'><source file='/a.iso'/>"
                              "<target dev='hdc' bus='ide'/><readonly/></disk>",
                      new[] = "<disk type='file' device='cdrom'><source file='/b.iso'/>"
                              "<target dev='hdc' bus='ide'/><readonly/></disk>";
    struct rig *r = *state;
    struct err e = {0};
    struct waiting a = {0}, u = {0};
    struct guest *g = define(r, roomy("web"));
    assert_int_equal(guest_attach(g, old, AFFECT_CONFIG, on_done, &a, &e), 0);
    await(r, &a);
    start(r, g);
    assert_int_equal(guest_update(g, new, AFFECT_LIVE, on_done, &u, &e), 0);
    await(r, &u);
    assert_string_equal(guest_config(g, false)->disks[0].source, "/b.iso");
    assert_string_equal(guest_config(g, true)->disks[0].source, "/a.iso");
    assert_int_equal(guest_update(g, nic_xml, AFFECT_LIVE, on_done, NULL, &e), -1);
}

static void a_device_that_does_not_let_go_times_out_and_stays(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting w = {0};
    struct domain *d = model("web", "xv.stubborn");
    struct disk *k = DOMAIN_ADD(d, disks);
    *k = (struct disk){.type = DISK_FILE,
                       .device = DISK_DISK,
                       .source = mem_str("/b.img"),
                       .target = mem_str("xvdb"),
                       .bus = BUS_XEN};
    struct guest *g = define(r, d);
    start(r, g);
    assert_int_equal(guest_detach(g, disk_xml, AFFECT_LIVE, on_done, &w, &e), 0);
    assert_int_equal(await_error(r, &w), ERR_OPERATION_TIMEOUT);
    assert_int_equal(guest_config(g, false)->n_disks, 1);
}

static void a_guest_is_renamed_with_all_it_has(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define(r, roomy("web"));
    define(r, roomy("taken"));
    guest_set_autostart(g, true, &e);
    assert_int_equal(guest_rename(g, "taken", &e), -1);
    assert_int_equal(guest_rename(g, "a/b", &e), -1);
    assert_int_equal(guest_rename(g, "new", &e), 0);
    expect(r, "web undefined 1;new defined 2;");
    restart_daemon(r);
    assert_null(host_find_name(r->h, "web", NULL));
    g = find(r, "new");
    assert_true(guest_has_autostart(g));
    start(r, g);
    assert_int_equal(guest_rename(g, "other", &e), -1);
    assert_int_equal(e.code, ERR_OPERATION_INVALID);
}

static void metadata_is_kept_by_namespace(void **state)
{
    static const char uri[] = "http://example.org/app";
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = define(r, roomy("web"));
    CLEANUP_FREE char *title = NULL, *text = NULL, *again = NULL;
    assert_int_equal(guest_metadata(g, METADATA_TITLE, NULL, 0, &title, &e), -1);
    assert_int_equal(e.code, ERR_NO_DOMAIN_METADATA);
    assert_int_equal(guest_set_metadata(g, METADATA_TITLE, "A title", NULL, NULL, 0, &e), 0);
    assert_int_equal(guest_metadata(g, METADATA_TITLE, NULL, 0, &title, &e), 0);
    assert_string_equal(title, "A title");
    assert_int_equal(guest_set_metadata(g, METADATA_ELEMENT, "<app><x>1</x></app>", "my", uri,
                                        AFFECT_CONFIG, &e),
                     0);
    assert_int_equal(guest_metadata(g, METADATA_ELEMENT, uri, 0, &text, &e), 0);
    assert_true(str_starts(text, "<app>"));
    assert_non_null(strstr(text, "<x>1</x>"));
    restart_daemon(r);
    g = find(r, "web");
    assert_int_equal(guest_metadata(g, METADATA_ELEMENT, uri, 0, &again, &e), 0);
    assert_string_equal(again, text);
    assert_int_equal(guest_set_metadata(g, METADATA_ELEMENT, NULL, NULL, uri, 0, &e), 0);
    assert_int_equal(guest_metadata(g, METADATA_ELEMENT, uri, 0, &again, &e), -1);
    assert_int_equal(guest_set_metadata(g, METADATA_TITLE, "two\nlines", NULL, NULL, 0, &e), -1);
}

static void what_follows_an_end_can_be_changed_while_it_runs(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct guest *g = roomy_started(r);
    assert_int_equal(guest_set_action(g, END_POWEROFF, LIFE_RESTART, AFFECT_LIVE, &e), 0);
    struct waiting w = {0};
    guest_shutdown(g, false, false, on_done, &w, &e);
    expect(r, "web stopped 0;web started 0;");
    assert_int_equal(guest_set_action(g, END_POWEROFF, LIFE_COREDUMP_DESTROY, 0, &e), -1);
}

struct image {
    char *xml;
    struct err e;
    bool is_done;
};

static void on_image(void *arg, const char *xml, const struct err *e)
{
    struct image *i = arg;
    i->xml = mem_str(xml);
    i->e = *e;
    i->is_done = true;
}

static void the_xml_of_an_image_is_read_and_replaced(void **state)
{
    struct rig *r = *state;
    struct err e = {0};
    struct waiting s = {0}, w = {0};
    struct guest *g = created(r, "web", "");
    CLEANUP_FREE char *path = mem_printf("%s/image", r->dir);
    guest_save(g, path, NULL, 0, on_done, &s, &e);
    await(r, &s);
    struct image old = {0}, put = {0};
    assert_int_equal(host_image_xml(r->h, path, on_image, &old, &e), 0);
    assert_true(loop_run_until(r->l, &old.is_done, 2000));
    assert_int_equal(old.e.code, 0);
    char *at = strstr(old.xml, "<kernel>/boot/vmlinuz</kernel>");
    assert_non_null(at);
    CLEANUP_FREE char *xml =
        mem_printf("%.*s<kernel>/boot/another-kernel</kernel>%s", (int)(at - old.xml), old.xml,
                   at + strlen("<kernel>/boot/vmlinuz</kernel>"));
    assert_int_equal(host_image_define(r->h, path, xml, 0, on_image, &put, &e), 0);
    assert_true(loop_run_until(r->l, &put.is_done, 2000));
    if (put.e.code)
        fail_msg("%s", put.e.msg);
    assert_int_equal(host_restore(r->h, path, NULL, 0, on_done, &w, &e), 0);
    await(r, &w);
    assert_string_equal(guest_config(w.g, false)->os.kernel, "/boot/another-kernel");
    free(old.xml);
    free(put.xml);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(memory_is_set_where_it_is_asked_for),
        T(the_maximum_of_memory_pulls_the_rest_down),
        T(changes_of_what_is_not_there_are_refused),
        T(vcpus_are_set_live_and_stored),
        T(vcpus_are_pinned),
        T(scheduling_changes_what_is_set),
        T(a_disk_comes_and_goes_live_and_stored),
        T(an_attached_interface_gets_its_name),
        T(a_failing_attach_changes_nothing),
        T(a_medium_is_changed),
        T(a_device_that_does_not_let_go_times_out_and_stays),
        T(a_guest_is_renamed_with_all_it_has),
        T(metadata_is_kept_by_namespace),
        T(what_follows_an_end_can_be_changed_while_it_runs),
        T(the_xml_of_an_image_is_read_and_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
