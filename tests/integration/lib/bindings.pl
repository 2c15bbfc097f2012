# bindings.pl URI NAME: what programs in Perl do with a running guest.
use strict;
use warnings;
use Sys::Virt;
use Sys::Virt::Domain;

my ($uri, $name) = @ARGV;
my $c = Sys::Virt->new(uri => $uri);
$c->get_type eq 'Xen' or die 'type';
my $d = $c->get_domain_by_name($name);
$c->get_domain_by_uuid($d->get_uuid)->get_name eq $name or die 'uuid';
(grep { $_->get_name eq $name } $c->list_all_domains) == 1 or die 'list';
$d->suspend;
($d->get_state)[0] == Sys::Virt::Domain::STATE_PAUSED or die 'state';
$d->resume;
$d->get_info->{state} == Sys::Virt::Domain::STATE_RUNNING or die 'info';
my ($stats) = grep { $_->{dom}->get_name eq $name } $c->get_all_domain_stats(Sys::Virt::Domain::STATS_STATE | Sys::Virt::Domain::STATS_VCPU);
$stats->{data}{'state.state'} == 1 or die 'stats';
$d->get_xml_description =~ /<name>\Q$name\E</ or die 'xml';
eval { $c->get_domain_by_name('nosuch') };
ref $@ && $@->code == Sys::Virt::Error::ERR_NO_DOMAIN or die "error: $@";
eval { $d->create };
ref $@ && $@->code == Sys::Virt::Error::ERR_OPERATION_INVALID or die "error: $@";
my $params = $d->get_scheduler_parameters;
exists $params->{weight} or die 'scheduler';
