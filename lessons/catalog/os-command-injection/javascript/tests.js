const ping = (host) => request(app, 'GET', '/ping?host=' + encodeURIComponent(host));

test('a device that is on answers', async () => {
  const res = await ping('monitor-3.ward.example');
  assertEqual(res.json.reachable, true, 'reachable');
  assert(res.json.output.includes('1 received'), 'the technician sees what ping says');
});

test('a device can be named by its address', async () => {
  assertEqual((await ping('10.0.3.27')).json.reachable, true, 'reachable');
});

test('a device that is off does not answer', async () => {
  assertEqual((await ping('printer-1.ward.example')).json.reachable, false, 'reachable');
});

test('a device that does not exist does not answer', async () => {
  const res = await ping('monitor-99.ward.example');
  assert(res.status === 400 || res.json?.reachable === false, 'it is neither reachable nor a crash');
});

test('a name with many hyphens is fine', async () => {
  assertEqual((await ping('infusion-pump-7.ward.example')).json.reachable, true, 'reachable');
});

test('ping is really asked, once for each request', async () => {
  await ping('monitor-3.ward.example');
  const started = processes.filter(({ file }) => file.endsWith('ping'));
  assertEqual(started.length, 1, 'times that ping was started');
  assertEqual(started[0].args[started[0].args.length - 1], 'monitor-3.ward.example', 'what ping was asked');
});

test('without a device there is a clear answer', async () => {
  assertEqual((await request(app, 'GET', '/ping')).status, 400, 'status');
});

test('the technician on call is there', async () => {
  assertEqual((await request(app, 'GET', '/on-call')).json, { technician: 'D. Marin', phone: '5512' });
});
