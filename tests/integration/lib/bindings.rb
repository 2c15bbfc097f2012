# bindings.rb URI NAME: what programs in Ruby do with a running guest.
require 'libvirt'

uri, name = ARGV
c = Libvirt::open(uri)
raise 'type' unless c.type == 'Xen'
d = c.lookup_domain_by_name(name)
raise 'uuid' unless c.lookup_domain_by_uuid(d.uuid).name == name
raise 'list' unless c.list_all_domains.map(&:name).count(name) == 1
d.suspend
raise 'state' unless d.state[0] == Libvirt::Domain::PAUSED
d.resume
raise 'info' unless d.info.state == Libvirt::Domain::RUNNING
raise 'xml' unless d.xml_desc.include?("<name>#{name}<")
raise 'vcpus' unless d.vcpus.length == 1
begin
  c.lookup_domain_by_name('nosuch')
  raise 'no error'
rescue Libvirt::RetrieveError => e
  raise e unless e.libvirt_code == Libvirt::Error::ERR_NO_DOMAIN
end
c.list_all_storage_pools
c.close
