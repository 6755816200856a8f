/**
 * Names of the DNS providers by which Traefik 3.7 can prove a domain (lego 5.3). Two of lego's are left out: one runs a program that the image
 * does not have, and one asks a person.
 */
export const DNS_PROVIDERS: readonly string[] = [
  "abion acme-dns acmedns active24 alidns aliesa allinkl alwaysdata anexia artfiles arvancloud auroradns autodns axelname azion azuredns",
  "baiducloud beget binarylane bindman bluecat bluecatv2 bookmyname bunny checkdomain civo clouddns cloudflare cloudns cloudru com35 connbyte",
  "conoha conohav3 constellix corenetworks cpanel curanet czechia dandomain ddnss derak desec designate digitalocean dinahosting directadmin",
  "dns51 dnscale dnsexit dnshomede dnsimple dnsla dnsmadeeasy dnsservices dnsupdate dode domainnameshop domeneshop dreamhost duckdns dyn",
  "dynadot dyndnsfree dynu easydns edgecenter edgedns edgeone efficientip epik eurodns euserv excedo exoscale f5xc fastdns fornex freemyip",
  "gandi gandiv5 gcloud gcore gehirn gigahostno glesys gname godaddy gravity hetzner hostingde hostinger hostingnl hosttech hostup httpnet",
  "httpreq huaweicloud hurricane hyperone ibmcloud iijdpf infoblox infomaniak internetbs inwx ionos ionoscloud ipv64 ispconfig ispconfigddns",
  "jdcloud joker katapult keyhelp leaseweb liara lightsail limacity linode linodev4 liquidweb loopia luadns mailinabox manageengine metaname",
  "metaregistrar mijnhost mittwald myaddr mydnsjp mythicbeasts namecheap namedotcom namesilo namesurfer nearlyfreespeech nederhost neodigit",
  "netcup netlify netnod ngenix nicmanager nicru nifcloud njalla nodion ns1 octenium omglol onecloudru onlinenet openprovider opusdns",
  "oraclecloud otc ovh pdns plesk pointdns porkbun poweradmin rackspace rage4 rainyun rcodezero regfish regru rfc2136 rimuhosting route53",
  "safedns sakuracloud scaleway scannet selectel selectelv2 selfhostde servercow shellrent simply sonic spaceship stackpath syse technitium",
  "tele3 tencentcloud timewebcloud todaynic transip ucloud ultradns uniteddomains variomedia veesp vegadns vercel versio vinyldns virtualname",
  "vkcloud volcengine vscale vultr wannafind webnames webnamesca webnamesru websupport wedos westcn xinnet yandex yandex360 yandexcloud zilore",
  "zoneedit zoneee zonomi",
].flatMap((line) => line.split(" "));
