import { absolute, CONTROL, OURS, relative, relativeToBest, standings } from '../harness/figure.mjs'
import { runChild } from '../harness/run-child.mjs'
import { PEERS } from '../peers.mjs'

const BURST = { burst: 100, burstsPerDelivery: 10, calls: 10_000, mostMs: 1_000 }
const FLOOR = 'hand-written clone'

export function callerPart(sink) {
  const of =
    (contestant, isDelivered = true) =>
    () =>
      runChild('caller.mjs', { address: sink.newAddress(), contestant, isDelivered, ...BURST })
  const peers = Object.keys(PEERS)
  return {
    measurements: {
      [OURS]: of('raindrop-js'),
      [CONTROL]: of('raindrop-js'),
      [FLOOR]: of('clone', false),
      ...Object.fromEntries(peers.map((peer) => [peer, of(peer)])),
    },
    figures: (results) => [
      absolute(results, 'call', { name: '`trackAi`, CPU of the call', unit: 'µs', most: 2 }),
      relativeToBest(results, 'turn', peers, { name: '… with its microtasks, over the best peer', most: 0.25 }),
      relativeToBest(results, 'call', peers, { name: '… without them, over the best peer' }),
      relative(results, 'call', { name: '… over a hand-written clone', to: FLOOR }),
    ],
    standings: (results) =>
      standings(results, 'Caller, CPU for each event', [
        { field: 'call', name: 'the call', unit: 'µs' },
        { field: 'turn', name: 'with its microtasks', unit: 'µs' },
      ]),
  }
}
