// A server for the fault suite: `--mode` says how it treats what is posted to it. Its health page is well until the
// first post; from then on most modes treat every page so.
// The first line that it prints is its port.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'plain' },
    port: { type: 'string', default: '0' },
    // Of --mode hold: how many callers it waits for before it answers any.
    callers: { type: 'string', default: '1' },
  },
});
const answer = '{"predictions":[{"token":"hello","probability":1}]}';
const scripts = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</style></script><script>alert(1)'];
const formulas = ['=HYPERLINK("http://127.0.0.1/")', '+1+cmd', '@SUM(1)', '-1+1', '\u{FF1D}1', '\t=1', '"quoted",\n=2'];
/** So long after the first of them, the callers that came are answered. */
const heldMs = 40_000;

const plain = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer);

function pourInto(socket, piece) {
  const pour = () => {
    while (socket.writable && socket.write(piece())) {
      // Until its buffer is full.
    }
  };
  socket.on('drain', pour);
  pour();
}

const held = [];
let most = 0;
function hold(response) {
  if (most === 0) {
    setTimeout(letGo, heldMs).unref();
  }
  held.push(response);
  most = Math.max(most, held.length);
  response.on('close', () => {
    const at = held.indexOf(response);
    if (at >= 0) {
      held.splice(at, 1);
    }
  });
  if (held.length >= Number(values.callers)) {
    letGo();
  }
}
function letGo() {
  for (const response of held.splice(0)) {
    plain(response);
  }
}

let injected = 0;
/** By turns an answer and an error, with a text of these wherever a server puts one. */
function inject(response, texts) {
  injected += 1;
  const text = texts[(injected >> 1) % texts.length];
  const plainText = text.replaceAll(/[^ -~]/g, '');
  const isError = injected % 2 === 0;
  response.writeHead(isError ? 500 : 200, {
    'content-type': `application/json; ${plainText}`,
    'x-route': plainText,
    server: plainText,
  });
  const body = isError
    ? { error: { code: text, type: text, message: text } }
    : { predictions: [{ token: text, probability: injected }] };
  response.end(JSON.stringify(body));
}

function metricsWith(texts) {
  const series = texts.map((text, at) => `a_total{path=${JSON.stringify(text)}} ${at}\n`);
  return `# HELP a_total ${texts[0]}\n# TYPE a_total counter\n${series.join('')}`;
}

const modes = {
  plain,
  mute: () => undefined,
  slow(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  },
  endless(response) {
    response.writeHead(200, { 'content-type': 'application/json' });
    pourInto(response, () => ' '.repeat(65_536));
  },
  garbage({ socket }) {
    socket.end(randomBytes(2000));
  },
  'header-flood'({ socket }) {
    let number = 0;
    socket.write('HTTP/1.1 200 OK\r\n');
    pourInto(socket, () => {
      number += 1;
      return `x-${number}: ${'a'.repeat(1000)}\r\n`;
    });
  },
  reset({ socket }) {
    socket.resetAndDestroy();
  },
  html: (response) => inject(response, scripts),
  formula: (response) => inject(response, formulas),
  hold,
};
const treat = modes[values.mode];

const injections = { html: scripts, formula: formulas };
/** Their pages stay well. */
const politeModes = ['plain', 'hold', 'html', 'formula'];
let isPosted = false;

function page(request, response) {
  if (request.url === '/most') {
    response.end(String(most));
  } else if (isPosted && !politeModes.includes(values.mode)) {
    treat(response);
  } else if (request.url === '/health') {
    response.end('{}');
  } else if (request.url === '/metrics' && values.mode in injections) {
    response.end(metricsWith(injections[values.mode]));
  } else {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  response.on('error', () => undefined);
  if (request.method === 'GET') {
    page(request, response);
    return;
  }
  isPosted = true;
  request.resume().on('end', () => treat(response));
});
server.listen({ port: Number(values.port), host: '127.0.0.1', backlog: 16_384 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
