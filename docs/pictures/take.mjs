// Takes one picture in Chromium, as WebP. Before that the page is open for ten minutes.
//
//   node take.mjs page PAGE OUT               the overview of a live page
//   node take.mjs board PROMETHEUS JSON OUT   a dashboard, rendered by board.js with the data of a Prometheus
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { chromium } from 'playwright-core';

const MINUTES = 10;
const [, , what, ...rest] = process.argv;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });

/** Takes what is seen in a window of this size. */
async function take(page, out) {
  const { data } = await (await page.context().newCDPSession(page)).send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  writeFileSync(out, Buffer.from(data, 'base64'));
}

async function takePage([address, out]) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1075 }, colorScheme: 'light' });
  await page.goto(address, { waitUntil: 'commit' });
  await page.waitForTimeout(MINUTES * 60_000);
  await take(page, out);
}

/** Serves the board, and passes queries on to Prometheus, which answers no other origin. */
function serve(prometheus, json) {
  const files = { '/board.js': ['text/javascript', 'board.js'], '/board.css': ['text/css', 'board.css'], '/board.json': ['application/json', json] };
  const html = '<!doctype html><meta charset=utf-8><link rel=stylesheet href=/board.css><body style="margin:0"><div id=root></div><script type=module src=/board.js></script>';
  const server = createServer((request, response) => {
    const file = files[request.url];
    if (request.url.startsWith('/api/')) {
      get(prometheus + request.url, (answer) => {
        response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
        answer.pipe(response);
      }).on('error', (error) => response.writeHead(502).end(String(error)));
    } else if (file) response.writeHead(200, { 'content-type': file[0] }).end(readFileSync(file[1]));
    else response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function takeBoard([prometheus, json, out]) {
  const server = await serve(prometheus, json);
  const page = await browser.newPage({ viewport: { width: 1280, height: 783 } });
  // Drawing takes long on a busy machine, so only the response is awaited here.
  await page.goto(`http://127.0.0.1:${server.address().port}/`, { waitUntil: 'commit' });
  await page.waitForFunction(() => window.expected && window.drawn >= window.expected, null, { timeout: 180_000 });
  await page.waitForTimeout(2_000);
  const problems = await page.evaluate(() => window.problems);
  if (problems.length) throw new Error(problems.join('\n'));
  await take(page, out);
  server.close();
}

try {
  await (what === 'page' ? takePage(rest) : takeBoard(rest));
} finally {
  await browser.close();
}
