/* The tables of xen-xl for the key reference: the keys, and the words inside their comma lists. */
#include "conf/xl_doc.h"

const struct row_table *const xl_tables[] = {
    &xl_table,
    &spec_disk_table,
    &spec_nic_table,
    &spec_pci_table,
    &spec_usbctrl_table,
    &spec_usbdev_table,
    &xl_display_table,
    &spec_channel_table,
    &spec_vnuma_table,
    &spec_vtpm_table,
    &spec_p9_table,
    &spec_pvcalls_table,
    &spec_vdispl_table,
    &spec_vkb_table,
    &spec_vsnd_card_table,
    &spec_vsnd_pcm_table,
    &spec_vsnd_stream_table,
    &spec_virtio_table,
    &spec_rdm_table,
    &spec_arm_sci_table,
    &spec_smbios_table,
    NULL,
};
