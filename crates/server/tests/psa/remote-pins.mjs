// Pins, lists, changes and unpins a CID with npm's @helia/remote-pinning, and prints the responses.
import { createRemotePins } from '@helia/remote-pinning'
import { CID } from 'multiformats/cid'

const [endpointUrl, accessToken, text] = process.argv.slice(2)
const cid = CID.parse(text)
const dialed = []
const libp2p = {
  getMultiaddrs: () => [],
  dial: async (addresses) => { dialed.push(...addresses.map(String)); throw new Error('no such peer') }
}
const pins = createRemotePins({ libp2p }, { endpointUrl, accessToken, pollInterval: 50 })
const all = async (iterable) => { const items = []; for await (const item of iterable) items.push(item); return items }

const before = await pins.isPinned(cid)
const signal = AbortSignal.timeout(30000)
const added = await all(pins.add(cid, { name: 'by helia', metadata: { a: '1' }, signal }))
const listed = await all(pins.ls({ cid }))
await pins.setMetadata(cid, { a: '2' })
const changed = await pins.get(cid)
const pinned = await pins.isPinned(cid)
await all(pins.rm(cid))
const after = await pins.isPinned(cid)
console.log(JSON.stringify({
  before,
  added: added.map(String),
  listed: listed.map(({ cid, name, metadata, status }) => ({ cid: String(cid), name, metadata, status })),
  changed: changed.metadata,
  pinned,
  after,
  dialed
}))
