/* All tables of commands. */
#include "cmd.h"

extern const struct cmd cmds_domain[], cmds_monitor[], cmds_host[], cmds_event[], cmds_iface[],
    cmds_filter[], cmds_network[], cmds_nodedev[], cmds_secret[], cmds_pool[], cmds_volume[],
    cmds_convert[], cmds_keys[], cmds_import[], cmds_pki[], cmds_shell[];

const struct cmd *const cmd_tables[] = {
    cmds_domain, cmds_monitor, cmds_event,  cmds_host, cmds_iface,   cmds_filter, cmds_network, cmds_nodedev,
    cmds_secret, cmds_pool,    cmds_volume, cmds_convert, cmds_keys, cmds_import, cmds_pki,     cmds_shell,
    NULL};
