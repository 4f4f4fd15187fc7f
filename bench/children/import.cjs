// The same for require.
const { createRequire } = require('node:module')

const { module: name, isPeer } = JSON.parse(process.argv[2])
const load = isPeer ? createRequire(`${__dirname}/../.peers/package.json`) : require

const rss = process.memoryUsage.rss()
const before = process.cpuUsage()
load(name)
const { user, system } = process.cpuUsage(before)
console.log(JSON.stringify({ cpuMs: (user + system) / 1_000, rss: (process.memoryUsage.rss() - rss) / 1_048_576 }))
process.exit()
