// Known answers of Pusher's own server libraries, from their test suites: pusher-http-node 7492d8d, pusher-http-go da1cab5,
// pusher-http-python 10372d0 and pusher-http-ruby 7b24c6e.

/** The text of a user, and its signature. */
export const users = [
  { key: "1234", secret: "tofu", socket_id: "123.456", user_data: "{\"id\":\"45678\"}", auth: "1234:f4b1fdeea7c93e32648c7230e32b172057c5623cace6cfce791c6e7035e0babd" },
  { key: "abcdef", secret: "tofu", socket_id: "123.456", user_data: "{\"id\":\"45678\"}", auth: "abcdef:f4b1fdeea7c93e32648c7230e32b172057c5623cace6cfce791c6e7035e0babd" },
  { key: "aaaa", secret: "tofu", socket_id: "123.456", user_data: "{\"id\":\"55555\",\"user_name\":\"test\"}", auth: "aaaa:b8a9f173455903792ae2b788add0c4c78ad7372b3ae7fb5769479276a1993743" },
  { key: "11111", secret: "1", socket_id: "123.456", user_data: "{\"id\":\"45678\"}", auth: "11111:79bddf29fe8e2153dd5d8d569b3f45e5aeb26ae2eb4758879d844791b466cfa2" },
  { key: "11111", secret: "2", socket_id: "123.456", user_data: "{\"id\":\"45678\"}", auth: "11111:a542498ffa6faf6de7c17a8106b923c042319bd73acfd1d274df32e269b55d1f" },
  { key: "aaaa", secret: "tofu", socket_id: "1.1", user_data: "{\"id\":\"ą§¶™€łü€ß£\"}", auth: "aaaa:620494cee53d6c568b49598313194088afda37218f0d059af03c0c898ed61ff4" },
  { key: "key", secret: "secret", socket_id: "12345.12345", user_data: "{\"id\":\"1234\"}", auth: "key:e4c63b82c1e1d0955901f6a29ca51b244155bafda93968bc5664010f5ba54a41" },
  { key: "thisisaauthkey", secret: "thisisasecret", socket_id: "12345.6789", user_data: "{\"id\":\"123\",\"name\":\"John Smith\"}", auth: "thisisaauthkey:0dddb208b53c7649f3fbbb86254a6e1986bc6f8b566423ea690c9ca773497373" },
] as const;

/** A private or presence channel, and its signature; for an encrypted one also the shared secret. */
export const channels = [
  { key: "1234", secret: "tofu", socket_id: "123.456", channel: "test", auth: "1234:efa6cf7644a0b35cba36aa0f776f3cbf7bb60e95ea2696bde1dbe8403b61bd7c" },
  { key: "aaaa", secret: "tofu", socket_id: "321.654", channel: "test", auth: "aaaa:f6ecb0a17d3e4f68aca28f1673197a7608587c09deb0208faa4b5519aee0a777" },
  { key: "aaaa", secret: "tofu", socket_id: "123.456", channel: "test1", auth: "aaaa:d5ab857f805433cb50562da96afa41688d7742a3c3a021ed15a4d991a4d8cf94" },
  { key: "aaaa", secret: "tofu", socket_id: "123.456", channel: "test2", auth: "aaaa:43affa6a09af1fb9ce1cadf176171346beaf7366673ec1e5920f68b3e97a466d" },
  { key: "11111", secret: "1", socket_id: "123.456", channel: "test", auth: "11111:584828bd6e80b2d177d2b28fde07b8e170abf87ccb5a791a50c933711fb8eb28" },
  { key: "11111", secret: "2", socket_id: "123.456", channel: "test", auth: "11111:269bbf3f7625db4e0d0525b617efa5915c3ae667fd222dc8e4cb94bc531f26f2" },
  { key: "aaaa", secret: "tofu", socket_id: "123.456", channel: "test", channel_data: "{\"foo\":\"bar\"}", auth: "aaaa:f41faf9ead2ea76772cc6b1168363057459f02499ae4d92e88229dc7f4efa2d4" },
  { key: "aaaa", secret: "tofu", socket_id: "1.1", channel: "test", channel_data: "\"ą§¶™€łü€ß£\"", auth: "aaaa:2a229263e89d9c50524fd80c2e88be2843379f6931e28995e2cc214282c9db0c" },
  { key: "f00d", secret: "tofu", socket_id: "123.456", channel: "private-encrypted-bla", channel_data: "\"foo\"", auth: "f00d:962c48b78bf93d98ff4c92ee7dff04865821455b7b401e9d60a9e0a90af2c105", master_key_base64: "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=", shared_secret: "nlr49ISQHz91yS3cy/yWmW8wFMNeTnNL5tNHnbPJcLQ=" },
  { key: "f00d", secret: "tofu", socket_id: "123.456", channel: "bla", channel_data: "\"foo\"", auth: "f00d:013ad3da0d88e0df6ae0a8184bef50b9c3933f2344499e6e3d1ad67fad799e20" },
  { key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8", socket_id: "1234.1234", channel: "private-foobar", auth: "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4" },
  { key: "278d425bdf160c739803", secret: "7ad3773142a6692b25b8", socket_id: "1234.1234", channel: "presence-foobar", channel_data: "{\"user_id\":\"10\",\"user_info\":{\"name\":\"Mr. Pusher\"}}", auth: "278d425bdf160c739803:48dac51d2d7569e1e9c0f48c227d4b26f238fa68e5c0bb04222c966909c4f7c4" },
  { key: "foo", secret: "bar", socket_id: "345.23", channel: "private-channel", auth: "foo:89955e77e1b40e33df6d515a5ecbba86a01dc816a5b720da18a06fd26f7d92ff" },
  { key: "foo", secret: "bar", socket_id: "345.23", channel: "private-encrypted-channel", auth: "foo:fff0503dfe4929f5162efe4d1dacbce524b0d8e7e1331117a8651c0e74d369e3", master_key_base64: "OHRXNUZRTG5pUTFzQlFGd3J3N3Q2VFZFc0paZDEweVk=", shared_secret: "VmIsNZtCSteh8kazd2toc+ofhohBtUouQRSDtRvuyVI=" },
  { key: "foo", secret: "bar", socket_id: "345.43245", channel: "presence-channel", channel_data: "{\"user_id\":\"fred\",\"user_info\":{\"key\":\"value\"}}", auth: "foo:e80ba6439492c2113022c39297a87a948de14061cc67b5788e045645a68b8ccd" },
  { key: "key", secret: "secret", socket_id: "1.1", channel: "presence-c1", channel_data: "{\"money\": \"1.32\"}", auth: "key:7f2ae5922800a20b9615543ce7c8e7d1c97115d108939410825ea690f308a05f" },
  { key: "12345678900000001", secret: "12345678900000001", socket_id: "1.1", channel: "test_channel", auth: "12345678900000001:02259dff9a2a3f71ea8ab29ac0c0c0ef7996c8f3fd3702be5533f30da7d7fed4" },
] as const;

/** The body of a webhook, and its signature or one that is wrong. */
export const webhooks = [
  { key: "123456789", secret: "tofu", body: "{\"time_ms\":1403175510755,\"events\":[{\"channel\":\"test_channel\",\"name\":\"channel_vacated\"}]}", signature: "c17257e92037cd7de407ebc1ed174ceb7b2e518db127f44411b9ffc4f5b28cc5", valid: true },
  { key: "123456789", secret: "tofu", body: "{\"time_ms\":1403175510755,\"events\":[{\"channel\":\"test_channel\",\"name\":\"channel_vacated\"}]}", signature: "000", valid: false },
  { key: "key", secret: "secret", body: "{\"hello\":\"world\"}", signature: "2677ad3e7c090b2fa2c0fb13020d66d5420879b8316eb356a2d60fb9073bc778", valid: true },
  { key: "key", secret: "secret", body: "{\"hello\":\"world\"}", signature: "2677ad3e7c090i'mgonnagetyaeb356a2d60fb9073bc778", valid: false },
] as const;

/** The shared secret of a channel, in hexadecimal. Some of these master keys are not 32 bytes long. */
export const sharedSecrets = [
  { channel: "private-encrypted-bla", master_key_utf8: "This is a string that is 32 chars", hex: "004831f99d2a4e86723e893caded3a2897deeddbed9514fe9497dcddc52bd50b" },
  { channel: "private-encrypted-1", master_key_utf8: "3W1pfB/Etr+ZIlfMWwZP3gz8jEeCt4s2pe6Vpr+2c3M=", hex: "eb3784a7f7219de44f4b571b2bf846786f3ad14847a26c5237a853833c13db42" },
] as const;

/** A text, encrypted for a channel; null where the key is wrong. */
export const secretboxes = [
  { channel: "private-encrypted-bla", master_key_utf8: "This is a string that is 32 chars", nonce: "sjklahvpWWQgAjTx5FfYHCCxd2AmaL9T", ciphertext: "zoDEe8dA3nDXKsybAWce/hXGW4szJw==", plaintext: "Hello!" },
  { channel: "private-encrypted-bla", master_key_utf8: "This is an invalid key 32 chars!!", nonce: "sjklahvpWWQgAjTx5FfYHCCxd2AmaL9T", ciphertext: "zoDEe8dA3nDXKsybAWce/hXGW4szJw==", plaintext: null },
  { channel: "pvUPIk0YG6MnxCEMIUUVFrbDmQwbhICXUcy", master_key_utf8: "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", nonce: "WEFKSTBZNkRQQkhTQUhYVEhWM0EzWk1G", ciphertext: "tsYJa2JgGDOpVIYFe4aNVWAvZlpB7z7CjN9mpIdbATE0Yc4izN8aM8D6VigBxnIQ", plaintext: "kkkT5OOkOkO5kT5TOO5TkOT5TTk5O55T" },
] as const;

/** Whether a channel of this name is encrypted. */
export const encryptedNames = [
  { channel: "private-encrypted-djsahajkshdak", encrypted: true },
  { channel: "private-encrypted-djsahajkshdak-", encrypted: true },
  { channel: "private-encrypted--djsahajkshdak", encrypted: true },
  { channel: "private--encrypted--djsahajkshdak", encrypted: false },
  { channel: "private--encrypted--djsahajkshdak-", encrypted: false },
  { channel: "private-encr-djsahajkshdak", encrypted: false },
  { channel: "private-encrypteddjsahajkshdak", encrypted: false },
  { channel: "private-encrypte-djsahajkshdak", encrypted: false },
  { channel: "privateencrypte-djsahajkshdak", encrypted: false },
  { channel: "private-djsahajkshdak", encrypted: false },
  { channel: "--djsah private-encrypted-ajkshdak", encrypted: false },
] as const;

/** Whether this is a master key. */
export const masterKeys = [
  { base64: "dGhpcyBpcyAzMiBieXRlcyAxMjM0NTY3ODkwMTIzNDU=", valid: true },
  { base64: "dGhpcyBrZXkgaGFzIG5vbnByaW50YWJsZSBjaGFyIAA=", valid: true },
  { base64: "dGhpcyBpcyAzMSBieXRlcyAxMjM0NTY3ODkwMTIzNA==", valid: false },
  { base64: "dGhpcyBpcyAzMyBieXRlcyAxMjM0NTY3ODkwMTIzNDU2", valid: false },
  { base64: "dGhpcyBpcyAzMSBieXRlcyAxMjM0NTY3ODkwMTIzNA=", valid: false },
  { base64: "dGhpcyBpcyA!MiBieXRlcyAxMjM0NTY3OD#wMTIzNDU=", valid: false },
] as const;

/** What is no `socket_id`. */
export const invalidSocketIds = ["1.1:", ":1.1", ":\n1.1", "1.1\n:", "", "12341234", "1.1foo", "foo1.1", "foo", null, 111] as const;

/** What is no channel. */
export const invalidChannels = [null, 111, ""] as const;
