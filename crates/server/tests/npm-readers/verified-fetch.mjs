// Reads resources through a gateway with npm's @helia/verified-fetch, and prints the results.
import { createHash } from 'node:crypto'
import { withHTTP } from '@helia/http'
import { createVerifiedFetchWithHelia } from '@helia/verified-fetch'
import { createHeliaLight } from 'helia'

const [gateway, ...resources] = process.argv.slice(2)
// Without libp2p, and with no delegated router: only this gateway can have a block.
const helia = withHTTP(createHeliaLight(), {
  allowInsecure: true,
  allowLocal: true,
  delegatedRouters: [],
  recursiveGateways: [gateway]
})
// Gateways are a fallback, which Helia 7.1 uses only after some other router has ended its search. Without
// another router it waits forever.
helia.addRouter({ name: 'nobody', async * findProviders () {} })
await helia.start()
const verifiedFetch = await createVerifiedFetchWithHelia(helia)
for (const resource of resources) {
  const response = await verifiedFetch(resource)
  const body = Buffer.from(await response.arrayBuffer())
  const sha256 = createHash('sha256').update(body).digest('hex')
  console.log(JSON.stringify({ resource, status: response.status, length: body.length, sha256 }))
}
await verifiedFetch.stop()
await helia.stop()
