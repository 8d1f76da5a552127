/** Which addresses belong to the public internet. No other one is called, or an endpoint's URL could reach into the private network of the server (SSRF). */
import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

// IANA's registries of special-purpose addresses (RFC 6890), and the address at which Azure gives each machine its metadata.
// Metadata services of other clouds are link-local (169.254.169.254), shared (100.100.100.200), unique local (fd00:ec2::254) or in 192.0.0.0/24.
const special4 = blockList("ipv4", [
  "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
  "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
]);

// Everything else is loopback, link-local, unique local, multicast, not assigned, or an IPv4 address in another form: mapped (::ffff:0:0/96) or translated (64:ff9b::/96).
const global6 = blockList("ipv6", ["2000::/3"]);

// Teredo and other protocols, 6to4, documentation, and AS112.
const special6 = blockList("ipv6", ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"]);

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special4.check(address, "ipv4");
  return family === 6 && global6.check(address, "ipv6") && !special6.check(address, "ipv6");
}

/** The error of a name with an address that is not public. */
class PrivateAddressError extends Error {
  override readonly name = "PrivateAddressError";
  readonly code = "PRIVATE_ADDRESS";
}

/**
 * A `lookup` for a connection: it fails if one address of the name is not public. The connection is made to one of the addresses that
 * were checked, so that a name that has another address a moment later (DNS rebinding) gains nothing.
 */
export function publicLookup(lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) return callback(new PrivateAddressError("The name has an address that is not public."), []);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function blockList(family: "ipv4" | "ipv6", subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network, prefix] = subnet.split("/");
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}
