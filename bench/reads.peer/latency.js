// Sends GET requests and prints their times: node latency.js SECONDS RATE CONNECTIONS URL…
// With a rate, requests are sent when they are due, whether or not earlier ones have their response (those that find no free
// connection wait, and their time counts). With rate 0, each connection sends the next request after a response: the most that
// this client reaches. Prints the median, 99 % and the most in milliseconds, responses a second, and how many were not 200.
import http from 'node:http'

const [seconds, rate, connections, ...urls] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true, maxSockets: Number(connections) })
const times = []
let sent = 0
let failed = 0
const begun = performance.now()
const end = begun + seconds * 1000

const read = (done) => {
  const from = performance.now()
  const request = http.get(urls[sent++ % urls.length], { agent }, (response) => {
    if (response.statusCode !== 200) failed++
    response.on('data', () => {})
    response.on('end', () => {
      times.push(performance.now() - from)
      done()
    })
  })
  request.on('error', () => {
    failed++
    done()
  })
}
const tick = () => {
  const now = Math.min(performance.now(), end)
  const due = Math.floor((now - begun) / 1000 * rate)
  while (sent < due) read(() => {})
  if (now < end) setTimeout(tick, 1)
}
const next = () => {
  if (performance.now() < end) read(next)
}
if (rate > 0) tick()
else for (let number = 0; number < connections; number++) next()
setTimeout(() => {
  times.sort((one, other) => one - other)
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(2)
  console.log(at(0.5), at(0.99), at(1), (times.length / seconds).toFixed(0), failed + sent - times.length)
  process.exit(0)
}, seconds * 1000 + 1000)
