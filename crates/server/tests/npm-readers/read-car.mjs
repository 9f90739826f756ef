// Reads a CAR from standard input with npm's @ipld/car, and prints its content.
import { createHash } from 'node:crypto'
import { CarBlockIterator } from '@ipld/car'

const car = await CarBlockIterator.fromIterable(process.stdin)
const roots = (await car.getRoots()).map(String)
const blocks = []
for await (const { cid, bytes } of car) {
  const digest = createHash('sha256').update(bytes).digest()
  if (Buffer.compare(digest, cid.multihash.digest) !== 0) throw new Error(`not the block of ${cid}`)
  blocks.push(cid.toString())
}
console.log(JSON.stringify({ version: car.version, roots, blocks }))
