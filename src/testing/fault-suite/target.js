// A server for the fault suite: `--mode` says how it treats what is posted to it; its health page is always well.
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
const script = '<script>alert(1)</script>';
const formula = '=HYPERLINK("http://127.0.0.1/")';
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

let marked = 0;
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
  markup(response) {
    const texts = [script, formula, `+1${script}`, '@SUM(1)', '-1+1', '\u{FF1D}1', '"quoted",\n=2'];
    marked += 1;
    const text = texts[marked % texts.length];
    const headers = {
      'content-type': `text/html ${script}`,
      'x-route': text.replaceAll(/[^ -~]/g, ''),
      server: formula,
    };
    const isError = marked % 2 === 0;
    response.writeHead(isError ? 500 : 200, headers);
    const body = isError
      ? { error: { code: text, type: text, message: text } }
      : { predictions: [{ token: text, probability: marked }] };
    response.end(JSON.stringify(body));
  },
  hold,
};
const treat = modes[values.mode];

function page(request, response) {
  if (request.url === '/health') {
    response.end('{}');
  } else if (request.url === '/most') {
    response.end(String(most));
  } else if (request.url === '/metrics' && values.mode === 'markup') {
    response.end(
      `# HELP a_total ${script}\n# TYPE a_total counter\na_total{path="${script}"} 1\na_total{path="=1+1"} 2\n`,
    );
  } else {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    page(request, response);
    return;
  }
  response.on('error', () => undefined);
  request.resume().on('end', () => treat(response));
});
server.listen({ port: Number(values.port), host: '127.0.0.1', backlog: 16_384 }, () => {
  process.stdout.write(`${server.address().port}\n`);
});
