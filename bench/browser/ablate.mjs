import { findChromium } from './find-chromium.mjs'
import { measureProcess } from './parts/process.mjs'
import { startSite } from './site.mjs'
const site = await startSite({ minify: true })
const out=[]
for (let i=0;i<5;i++) { const r = await measureProcess('raindrop-js', { site, chromiumPath: findChromium() }); out.push(r) }
const med=(k)=>out.map(o=>o[k]).sort((a,b)=>a-b)[2].toFixed(0)
console.log(process.argv[2], 'cpu',med('cpuMs'),'task',med('taskMs'),'script',med('scriptMs'),'req',med('requests'),'B',med('bytesPerEvent'))
site.close()
