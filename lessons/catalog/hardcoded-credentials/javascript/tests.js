test('the counter asks how many packs there are', async () => {
  const res = await request(app, 'GET', '/stock/insulin');
  assertEqual(res.status, 200, 'status');
  assertEqual(res.json, { drug: 'insulin', packs: 8 });
});

test('another drug has another number', async () => {
  assertEqual((await request(app, 'GET', '/stock/ibuprofen')).json, { drug: 'ibuprofen', packs: 120 });
});

test('a drug that is not kept gives 404', async () => {
  assertEqual((await request(app, 'GET', '/stock/aspirin')).status, 404, 'status');
});

test('the opening hours are there', async () => {
  assertEqual((await request(app, 'GET', '/opening-hours')).json, { weekdays: '8:00 to 18:30' });
});

// On the second branch's server the operators have set another password; they are not asked to change the program.
test('the program also runs at the second branch, which has a password of its own', { environment: { DB_HOST: 'db.branch.example', DB_PASSWORD: 'otter-2203-Birch-lake' } }, async () => {
  assertEqual((await request(app, 'GET', '/stock/morphine')).json, { drug: 'morphine', packs: 3 });
});
