// What importing a module costs in a process that has loaded nothing else. Imports nothing itself: what it had loaded would be free.
const { module, isPeer } = JSON.parse(process.argv[2])
const load = isPeer ? (await import('../.peers/load.mjs')).load : (name) => import(name)

const rss = process.memoryUsage.rss()
const before = process.cpuUsage()
await load(module)
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuMs: (user + system) / 1_000, rss: (process.memoryUsage.rss() - rss) / 1_048_576 }))
process.exit()
