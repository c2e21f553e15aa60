const clerk = { session: { user: { name: 'B. Aydin', role: 'clerk' } }, headers: { Referer: 'https://court.example/admin/recordings' } };
const witness = { session: { user: { name: 'M. Keita', role: 'witness' } } };
const ids = () => sql('SELECT id FROM recordings ORDER BY id').map((row) => row.id);

test('a clerk deletes a recording whose time has come', async () => {
  const res = await request(app, 'DELETE', '/recordings/2', clerk);
  assertEqual(res.status, 200, 'status');
  assertEqual(res.json, { removed: 1 });
  assertEqual(ids(), [1, 3], 'recordings left');
});

test('a clerk is told when there is nothing to delete', async () => {
  assertEqual((await request(app, 'DELETE', '/recordings/77', clerk)).status, 404, 'status');
  assertEqual(ids(), [1, 2, 3], 'recordings left');
});

test('another clerk may delete as well', async () => {
  const other = { session: { user: { name: 'R. Fischer', role: 'clerk' } }, headers: clerk.headers };
  assertEqual((await request(app, 'DELETE', '/recordings/1', other)).status, 200, 'status');
  assertEqual(ids(), [2, 3], 'recordings left');
});

test('a clerk lists, adds and renames recordings', async () => {
  assertEqual((await request(app, 'GET', '/recordings', clerk)).json.length, 3);
  assertEqual((await request(app, 'POST', '/recordings', { ...clerk, body: { hearing: 'In re Abara', witness: 'T. Lund' } })).status, 201, 'adding');
  assertEqual((await request(app, 'PUT', '/recordings/3', { ...clerk, body: { hearing: 'Okafor, day 1' } })).status, 200, 'renaming');
});

test('witnesses and strangers still cannot list, add or rename', async () => {
  assertEqual((await request(app, 'GET', '/recordings', witness)).status, 403, 'a witness lists');
  assertEqual((await request(app, 'GET', '/recordings')).status, 401, 'a stranger lists');
  assertEqual((await request(app, 'POST', '/recordings', { ...witness, body: { hearing: 'x', witness: 'y' } })).status, 403, 'a witness adds');
  assertEqual((await request(app, 'PUT', '/recordings/1', { ...witness, body: { hearing: 'x' } })).status, 403, 'a witness renames');
});

test('everyone may read the opening hours', async () => {
  assertEqual((await request(app, 'GET', '/opening-hours')).json, { weekdays: '8:00 to 15:30' });
});
