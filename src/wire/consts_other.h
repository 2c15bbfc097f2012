/* Numbers inside the messages about networks, storage, interfaces, node devices and secrets, which
 * other daemons of libvirt answer (consts.h has those about guests). */
#pragma once

enum vir_network_list {
    VIR_CONNECT_LIST_NETWORKS_INACTIVE = 1,
    VIR_CONNECT_LIST_NETWORKS_ACTIVE = 2,
    VIR_CONNECT_LIST_NETWORKS_PERSISTENT = 4,
    VIR_CONNECT_LIST_NETWORKS_TRANSIENT = 8,
    VIR_CONNECT_LIST_NETWORKS_AUTOSTART = 16,
    VIR_CONNECT_LIST_NETWORKS_NO_AUTOSTART = 32,
};

enum vir_vol_create {
    VIR_STORAGE_VOL_CREATE_REFLINK = 2,
    VIR_STORAGE_VOL_CREATE_VALIDATE = 4,
};

enum vir_iface_list {
    VIR_CONNECT_LIST_INTERFACES_INACTIVE = 1,
    VIR_CONNECT_LIST_INTERFACES_ACTIVE = 2,
};

enum vir_secret_list {
    VIR_CONNECT_LIST_SECRETS_EPHEMERAL = 1,
    VIR_CONNECT_LIST_SECRETS_NO_EPHEMERAL = 2,
    VIR_CONNECT_LIST_SECRETS_PRIVATE = 4,
    VIR_CONNECT_LIST_SECRETS_NO_PRIVATE = 8,
};

enum vir_node_device_list {
    VIR_CONNECT_LIST_NODE_DEVICES_INACTIVE = 1073741824,
    VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE = (int)0x80000000,
};

enum vir_node_alloc_pages { VIR_NODE_ALLOC_PAGES_ADD = 0, VIR_NODE_ALLOC_PAGES_SET = 1 };

enum vir_storage_misc {
    VIR_STORAGE_VOL_DELETE_WITH_SNAPSHOTS = 2,
    VIR_INTERFACE_XML_INACTIVE = 1,
    VIR_DEFINE_VALIDATE = 1, /* of every kind but volumes */
};
