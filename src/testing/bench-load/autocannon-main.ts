// autocannon by itself, as its users run it: a number of connections, one small body.
import autocannon from 'autocannon';

const [url = '', connections = '1', seconds = '1', bytes = '0'] = process.argv.slice(2);
await autocannon({
  url,
  method: 'POST',
  connections: Number(connections),
  duration: Number(seconds),
  body: 'x'.repeat(Number(bytes)),
  timeout: 30,
});
