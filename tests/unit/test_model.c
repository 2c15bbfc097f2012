#include "test.h"

#include "base/str.h"
#include "base/vec.h"
#include "model/floppy.h"

/* Every byte of a struct is owned by one row; padding, which compilers put before a member, is not.
 */
static void check_record(const struct rec *r)
{
    uint8_t *owner = mem_new(r->size, 1);
    for (size_t i = 0; i < r->n; i++) {
        const struct field *f = &r->fields[i];
        memset(owner + f->offset, 1, field_size(f));
        if (f->count_offset)
            memset(owner + f->count_offset, 1, sizeof(size_t));
        if (f->sub && f->sub != r)
            check_record(f->sub);
    }
    size_t hole = 0;
    for (size_t i = 0; i < r->size; i++) {
        hole = owner[i] ? 0 : hole + 1;
        if (hole >= 4 && i % 4 == 3 && (i % 8 == 3 || hole >= 8))
            fail_msg("%s: byte %zu has no row", r->name, i);
    }
    free(owner);
}

static void every_byte_has_a_row(void **state)
{
    check_record(&domain_rec);
}

static struct domain *sample(void)
{
    struct domain *d = domain_new();
    str_set(&d->name, "one");
    d->memory_kib = NUM(0);
    d->features.acpi = TRI_NO;
    struct disk *k = DOMAIN_ADD(d, disks);
    str_set(&k->target, "xvda");
    k = DOMAIN_ADD(d, disks);
    str_set(&k->target, "xvdb");
    struct nic *n = DOMAIN_ADD(d, nics);
    n->colo = NEW(struct nic_colo);
    str_set(&n->colo->checkpoint_port, "7");
    VEC_PUSH(d->os.boot, d->os.n_boot, BOOT_CDROM);
    VEC_PUSH(d->dm_args, d->n_dm_args, mem_str("-x"));
    VEC_PUSH(d->irqs, d->n_irqs, 5);
    d->memballoon = NEW(struct memballoon);
    struct xnode *x = DOMAIN_ADD(d, metadata);
    str_set(&x->name, "a:b");
    struct xnode *child = DOMAIN_ADD(x, children);
    str_set(&child->text, "text");
    return d;
}

static void a_copy_is_equal(void **state)
{
    CLEANUP_DOMAIN struct domain *d = sample(), *copy = domain_copy(d);
    CLEANUP_STR struct str path = {0};
    assert_true(domain_equal(d, copy, &path));
    assert_ptr_not_equal(d->disks[0].target, copy->disks[0].target);
}

static void compare_names_the_member(void **state)
{
    static const char *const expected[] = {"disks[1].target",
                                           "memory_kib",
                                           "nics[0].colo.checkpoint_port",
                                           "metadata[0].children[0].text",
                                           "disks (2 items, 3 items)",
                                           "os.boot[0]"};
    for (size_t i = 0; i < 6; i++) {
        CLEANUP_DOMAIN struct domain *d = sample(), *other = sample();
        CLEANUP_STR struct str path = {0};
        if (i == 0)
            str_set(&other->disks[1].target, "xvdc");
        else if (i == 1)
            other->memory_kib.set = false;
        else if (i == 2)
            str_set(&other->nics[0].colo->checkpoint_port, NULL);
        else if (i == 3)
            str_set(&other->metadata[0].children[0].text, "");
        else if (i == 4)
            (void)DOMAIN_ADD(other, disks);
        else
            other->os.boot[0] = BOOT_HD;
        assert_false(domain_equal(d, other, &path));
        assert_string_equal(str_get(&path), expected[i]);
    }
}

static void dump_tells_what_is_set(void **state)
{
    CLEANUP_DOMAIN struct domain *d = sample();
    CLEANUP_STR struct str out = {0};
    rec_dump(&domain_rec, d, &out);
    assert_string_equal(str_get(&out), "name = \"one\"\n"
                                       "metadata[0].name = \"a:b\"\n"
                                       "metadata[0].children[0].text = \"text\"\n"
                                       "memory_kib = 0\n"
                                       "os.boot[0] = cdrom\n"
                                       "features.acpi = no\n"
                                       "disks[0].target = \"xvda\"\n"
                                       "disks[1].target = \"xvdb\"\n"
                                       "nics[0].colo.checkpoint_port = \"7\"\n"
                                       "memballoon\n"
                                       "dm_args[0] = \"-x\"\n"
                                       "irqs[0] = 5\n");
}

static void items_are_removed(void **state)
{
    CLEANUP_DOMAIN struct domain *d = sample();
    const struct field *disks = rec_field(&domain_rec, "disks");
    rec_remove(disks, d, 0);
    assert_int_equal(d->n_disks, 1);
    assert_string_equal(d->disks[0].target, "xvdb");
    assert_false(rec_is_empty(&domain_rec, d));
    rec_clear(&domain_rec, d);
    assert_true(rec_is_empty(&domain_rec, d));
}

static struct disk *add_floppy(struct domain *d, const char *target, const char *source)
{
    struct disk *k = DOMAIN_ADD(d, disks);
    *k = (struct disk){.type = DISK_FILE, .device = DISK_FLOPPY, .bus = BUS_FDC};
    k->driver = mem_str("qemu");
    k->format = mem_str("raw");
    k->source = mem_str(source);
    k->target = mem_str(target);
    return k;
}

static void floppies_become_arguments_and_come_back(void **state)
{
    CLEANUP_DOMAIN struct domain *d = domain_new();
    d->type = GUEST_HVM;
    DOMAIN_ADD(d, disks)->target = mem_str("hda");
    add_floppy(d, "fda", "/a,b,,c.img")->readonly = TRI_YES;
    add_floppy(d, "fdb", "/,");
    VEC_PUSH(d->dm_args_hvm, d->n_dm_args_hvm, mem_str("-drive"));
    CLEANUP_DOMAIN struct domain *args = domain_floppies_to_args(d);
    assert_non_null(args);
    assert_int_equal(args->n_disks, 1);
    assert_int_equal(args->n_dm_args_hvm, 5);
    assert_string_equal(args->dm_args_hvm[2],
                        "if=floppy,index=0,format=raw,readonly=on,file=/a,,b,,,,c.img");
    assert_string_equal(args->dm_args_hvm[4], "if=floppy,index=1,format=raw,file=/,,");
    domain_floppies_from_args(args);
    struct str path = {0};
    assert_true(domain_equal(d, args, &path));
    str_clear(&path);
}

static void what_arguments_cannot_say_stays_a_floppy(void **state)
{
    CLEANUP_DOMAIN struct domain *d = domain_new();
    d->type = GUEST_PV;
    add_floppy(d, "fda", "/a");
    assert_null(domain_floppies_to_args(d)); /* no emulator */
    d->type = GUEST_HVM;
    d->disks[0].cache = mem_str("none");
    assert_null(domain_floppies_to_args(d));
    str_set(&d->disks[0].cache, NULL);
    str_set(&d->disks[0].format, "raw,if=none");
    assert_null(domain_floppies_to_args(d));
    str_set(&d->disks[0].format, "raw");
    str_set(&d->disks[0].target, "fdc");
    assert_null(domain_floppies_to_args(d));
    str_set(&d->disks[0].target, "fda");
    d->disks[0].dev.boot_order = NUM(1);
    assert_null(domain_floppies_to_args(d));
}

static void other_arguments_stay_arguments(void **state)
{
    static const char *const args[] = {
        "-drive", "if=floppy,index=2,format=raw,file=/a",
        "-drive", "if=floppy,index=0,file=/a",
        "-drive", "if=floppy,index=0,format=raw,file=",
        "-drive", "if=floppy,index=0,format=raw,file=/a,b=c",
        "-drive", "if=ide,index=0,format=raw,file=/a",
        "-drive",
    };
    CLEANUP_DOMAIN struct domain *d = domain_new();
    d->type = GUEST_HVM;
    for (size_t i = 0; i < sizeof(args) / sizeof(*args); i++)
        VEC_PUSH(d->dm_args_hvm, d->n_dm_args_hvm, mem_str(args[i]));
    domain_floppies_from_args(d);
    assert_int_equal(d->n_dm_args_hvm, sizeof(args) / sizeof(*args));
    assert_int_equal(d->n_disks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_has_a_row),
        cmocka_unit_test(a_copy_is_equal),
        cmocka_unit_test(compare_names_the_member),
        cmocka_unit_test(dump_tells_what_is_set),
        cmocka_unit_test(items_are_removed),
        cmocka_unit_test(floppies_become_arguments_and_come_back),
        cmocka_unit_test(what_arguments_cannot_say_stays_a_floppy),
        cmocka_unit_test(other_arguments_stay_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
