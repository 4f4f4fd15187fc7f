/**
 * One broken promise each. `search` must stand exactly once in `file`; `test` is the file that has to notice, `only` a part of the test's
 * name where the rest of the file takes long.
 */
const core = (file, test) => (name, search, replace) => ({
  file: `src/core/${file}.ts`,
  name,
  search,
  replace,
  test: `src/core/${test}.test.ts`,
})
const upload = core('upload', 'delivery')
const gate = core('gate', 'delivery')
const holds = core('holds', 'delivery')
const batchSize = core('batch-size', 'delivery')
const reports = core('delivery-reports', 'delivery')
const delivery = core('delivery', 'delivery')
const flush = core('delivery', 'delivery-flush')
const queue = core('queue', 'queue')
const stock = core('stock', 'queue')
const bounds = core('bounds', 'queue')
const picking = core('picking', 'queue')
const pickingOnItsWay = core('picking', 'delivery')
const storage = core('resilient-store', 'resilient-store')
const retry = core('retry', 'retry')
const feedback = core('feedback', 'feedback')
const said = core('feedback-signals', 'feedback')
const topics = core('feedback-topics', 'feedback')
const page = (file, test) => (name, search, replace) => ({
  file: `src/${file}.ts`,
  name,
  search,
  replace,
  test: `src/browser/${test}.test.ts`,
})
const fetching = (name, search, replace) => ({
  file: 'src/web/fetch-transport.ts',
  name,
  search,
  replace,
  test: 'src/web/fetch-transport.test.ts',
})
const process = (file) => (name, search, replace, only) => ({
  file,
  name,
  search,
  replace,
  test: 'src/node/process.fault.test.ts',
  only,
})
const lifecycle = process('src/node/lifecycle.ts')

export const mutants = [
  upload(
    'deletes before the answer',
    'const attempt = await send(records)',
    "await queue.settle(records, 'delivered')\n    const attempt = await send(records)",
  ),
  upload('does not give back what failed', 'queue.release(records)\n', 'void queue\n'),
  upload(
    'does not bound the wait of a relay',
    'clampRetryAfter(verdict.retryAfterSeconds * 1_000)',
    'verdict.retryAfterSeconds * 1_000',
  ),
  upload(
    'takes an id in neither list for accepted',
    'records.filter((record) => !taken.includes(record) && !rejected.includes(record))',
    'records.slice(records.length)',
  ),
  upload('takes what stands beside poison for poison', 'putBack(rest)\n        suspects = tried', 'suspects = tried'),
  upload('drops the whole batch for its poison', 'while (suspects.length > 1) {', 'while (suspects.length > 1_000) {'),
  upload('keeps half of a batch that was too large to itself', 'putBack(records.slice(half))', 'void records'),
  gate('waits for nothing after a failure', 'Math.max(backoffMs(failures, clock.random()), minWaitMs)', '0'),
  gate(
    'forgets that a 429 waits 5 s',
    'Math.max(backoffMs(failures, clock.random()), minWaitMs)',
    'backoffMs(failures, clock.random())',
  ),
  gate('counts failures of one moment twice', 'if (epoch === failures || failures === 0) failures++', 'failures++'),
  gate(
    'waits from the first of two failures',
    'if (epoch === failures || failures === 0) failures++',
    'if (epoch !== failures && failures > 0) return\n      failures++',
  ),
  gate('flush() goes past a Retry-After', 'if (!ordered) until = 0', 'until = 0'),
  gate('forgets a Retry-After for another success', 'if (ordered && !isOpen()) return\n', ''),
  holds('never ends a hold', 'holds.delete(route)', 'void route'),
  holds(
    'tries more than one record of a hold',
    '!hold.trial && hold.until <= clock.elapsed() ? 1 : 0',
    'hold.until <= clock.elapsed() ? usual : 0',
  ),
  holds('counts a hold for each request under way', 'if (known && known.trial !== records) return undefined\n', ''),
  holds('does not let flush() try', 'hold.until = clock.elapsed()', 'void hold'),
  batchSize(
    'does not halve a batch that is too large',
    'records = Math.min(records, Math.ceil(refused / 2))',
    'void refused',
  ),
  batchSize('never grows a batch again', 'records = Math.min(most, records * 2)', 'successes = 0'),
  reports('reports every failure', 'if (told.has(burst)) return\n', ''),
  reports('reports an outage only once in its life', 'told.clear()\n', ''),
  delivery(
    'sends two at a time into an outage',
    'return gate.failures > 0 ? 1 : deps.concurrency',
    'return deps.concurrency',
  ),
  delivery('leaves behind what waited for its event', ' || starved ||', ' ||'),
  delivery('keeps an interval that is over', '    if (queue.waiting <= 0) dueAt = undefined\n', ''),
  delivery(
    'sends what was read before the gate closed',
    '    if (!mayStart()) {\n      queue.release(records)',
    '    if (stopped) {\n      queue.release(records)',
  ),
  delivery('lets a signal wait', 'const URGENT_MS = 50', 'const URGENT_MS = 900'),
  delivery('does not look at bytes', 'const TRIGGER_BYTES = 49_152', 'const TRIGGER_BYTES = 1e9'),
  delivery(
    'reads the store for each record that is held',
    'const trigger = holds.count === 0 && (',
    'const trigger = (',
  ),
  flush(
    'covers what is tracked after the call',
    'const cover = queue.cover()\n    await opened(timeoutMs)',
    'await opened(timeoutMs)\n    const cover = queue.cover()',
  ),
  flush(
    'flush() waits for a store that hangs',
    '    settleFlushes()\n    for (const { deadline } of flushes) arm(deadline)\n',
    '',
  ),
  flush('flush() waits in vain', 'if (next <= deadline) return true', 'return true'),
  flush('does not use the last chances', 'gate.openAt(now + (deadline - now) / 2)', 'void now'),
  flush('ends before its deadline in an outage', 'if (!patient ||', 'if (patient ||'),
  flush(
    'stop() does not wait for what it cut',
    'inFlight === 0 && !pumping ? Promise.resolve()',
    'true ? Promise.resolve()',
  ),

  pickingOnItsWay('does not reserve', '    reservations.add(taken)\n', ''),
  pickingOnItsWay('counts characters for bytes', 'record.json.length * 3 + RECORD', 'record.json.length + RECORD'),
  queue(
    'folds into what is under way',
    'onReserved: ({ key, header }) => amendments?.close(header.ref, key)',
    'onReserved: () => undefined',
  ),
  picking('sends before the amendment is in', ' || isAmended(record.key)', ''),
  queue('does not fold into what failed', "header.kind !== 'partial') return", "header.kind !== 'spans') return"),
  queue('trims only when it sends', 'if (durable || bounds.isOverfull()) planCommit()', 'if (durable) planCommit()'),
  queue(
    'outgrows its bound on disk',
    'if (durable) await commit(Infinity)\n        await bounds.trim()',
    'if (durable) await commit(Infinity)',
  ),
  bounds('drops signals first', 'const EVICTED = [2, 1, 0] as const', 'const EVICTED = [0, 1, 2] as const'),
  stock('drops what is under way', 'if (reservations.has(record.key)) continue\n', ''),
  stock('forgets what a write holds at the end', '[...putting, ...added]', 'added'),
  queue(
    'loses what could not be written at the end',
    'if (unsafe.length > 0) void inLine(() => stock.put(unsafe))\n',
    '\n',
  ),
  bounds('believes a wall clock that was set', '(ownMayBeOld || !sequence.isOwn(seq))', 'true'),
  bounds('believes a wall clock that was set forward', 'Math.min(clock.now(), startedAt + elapsed)', 'clock.now()'),
  bounds('never drops what is old', "await stock.discard(expired, 'expired')", 'void expired'),
  stock('does not count what it found', '    ledger.found(found)\n', ''),
  stock('touches records of another version', 'if (!openRecord(record)) ignore(record)\n          else if', 'if'),
  core('shelf', 'queue')('keeps bytes that nothing holds', 'count === 0 ? 0 : bytes - removed', 'bytes - removed'),
  core('reservations', 'delivery')(
    'has two requests of one event under way',
    'isOfEvent(kind) && events.has(ref)',
    'false && events.has(ref)',
  ),
  core('wire', 'queue')(
    'never finishes what began as pending',
    "older['is_pending'] !== false && newer['is_pending'] !== false",
    "older['is_pending'] !== false",
  ),
  core('ledger', 'delivery-flush')(
    'ends a flush for what it does not cover',
    'if (seq > lastSeq || report.pending === 0) continue',
    'if (report.pending === 0) continue',
  ),
  storage(
    'reads before it has back what it missed',
    '      if (probeAt !== undefined) await recover()\n      const value = await work()\n',
    '      const value = await work()\n      if (probeAt !== undefined) await recover()\n',
  ),
  storage('brings back what was acknowledged', '      for (const key of keys) hidden.add(key)\n', ''),

  holds('lifts a hold again and again', ' && !lifted.has(route)', ''),
  storage('forgets a purge that it could not do', 'probeAt === undefined && done()', 'done()'),
  queue(
    'lets one draft take the others along',
    "      return 'invalid'\n    }\n  }\n\n  /** Entries",
    '      throw cause\n    }\n  }\n\n  /** Entries',
  ),
  page('core/stock', 'tabs')(
    'counts what was wiped as delivered',
    'if (shared.isWiped?.()) wiped()\n      else gone',
    'gone',
  ),
  page('core/queue', 'tabs')('sends what another tab purged', "if (outcome !== 'delivered') for", 'if (false) for'),
  page('core/stock', 'tabs')('does not look what others put', '    await tried(() => listed(shared))\n', ''),
  page('browser/spill', 'spill')(
    'spills nothing behind what does not fit',
    '> MAX_CHARS) continue',
    '> MAX_CHARS) break',
  ),
  page('browser/spill', 'spill')('leaves a purge to nobody', '    await bury()\n', ''),
  page('browser/local-storage', 'local-storage')(
    'looks storage up each time',
    'found ??= localStorage',
    'localStorage',
  ),

  retry('drops what 408 refuses', 'status === 408 || ', ''),
  retry('takes a captive portal for an answer', 'return NO_ANSWER\n', 'return undefined\n'),
  retry('obeys a Retry-After of a day', 'const RETRY_AFTER_MAX_MS = 3_600_000', 'const RETRY_AFTER_MAX_MS = 1e9'),
  retry('does not wait at all', 'const RETRY_AFTER_MIN_MS = 1_000', 'const RETRY_AFTER_MIN_MS = 0'),
  retry('bisects on 401', 'status === 400 || status === 422', 'status === 400 || status === 401 || status === 422'),
  retry('backs off for ever longer', 'const BACKOFF_MAX_MS = 300_000', 'const BACKOFF_MAX_MS = 3e9'),

  fetching('does not read the body', 'const text = await response.text()', "const text = ''"),
  fetching('has no deadline', "() => stop('timeout', `no answer within ${timeoutMs} ms`)", '() => undefined'),
  fetching('follows a redirect with the key', "redirect: 'manual'", "redirect: 'follow'"),
  fetching('does not abort', 'controller.abort()', 'void controller'),
  fetching('leaves its timer', '          cancel()\n', ''),
  {
    file: 'src/web/clock.ts',
    name: 'keeps every process alive',
    search: "if (!keepAlive && typeof timer === 'object') timer.unref?.()",
    replace: 'void keepAlive',
    test: 'src/web/clock.test.ts',
  },

  lifecycle(
    'does not write at the end',
    'watch({ drain, lastWords }) {',
    'watch({ drain }) {\n      const lastWords = () => undefined',
    'SIGTERM, at once',
  ),
  lifecycle('does not write on exit', "process.on('exit', lastWords)", 'void lastWords', 'process.exit.., at once'),
  lifecycle(
    'does not send at a natural end',
    "process.on('beforeExit', onBeforeExit)",
    'void onBeforeExit',
    'only tracks and ends',
  ),
  lifecycle(
    'knows only its own copy of the package',
    "Symbol.for('raindrop-js signal listener')",
    "Symbol('ours')",
    'two copies',
  ),
  lifecycle('alarms about listeners', 'process.setMaxListeners(most + 1)', 'void most', '20 clients'),
  process('src/core/interactions.ts')(
    'forgets unfinished interactions at the end',
    'for (const interaction of [...due.keys()]) stage(interaction)',
    'void stage',
    'unfinished as pending',
  ),
  said('a vote is sent at once', 'planEnd(topic, forMs, true)', 'endHold(topic)'),
  said('a held vote stays with its page', 'if (topic && isOwn) endHold(topic)', 'void topic'),
  said('a second vote does not name the first', '...(target && { replaces: target })', ''),
  feedback('undo says nothing', 'signals.retract(topic, slot, host.newId())', 'void slot'),
  said('a token is not waited for', 'if (topic.awaitsToken) return', ''),
  said('another attempt is another signal', 'send(topic, said.signal, said.id)', 'send(topic, said.signal)'),
  said('a killed page takes its vote along', 'planEnd(topic, leftMs + ORPHAN_MS, false)', 'void leftMs'),
  topics('tabs are not told', 'deps.tell(topic)', 'void topic'),
  topics('a logout leaves votes on the disk', 'deps.memory()?.clear()', 'void era'),
  topics('votes pile up', 'if (topics.size <= MAX_TOPICS', 'if (topics.size <= 10 * MAX_TOPICS'),
  said('a refused vote counts as standing', "delivered' : 'failed'", "delivered' : 'queued'"),
]
