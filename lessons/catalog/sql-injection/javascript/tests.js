const find = (email) => request(app, 'GET', '/patients?email=' + encodeURIComponent(email));

test('the front desk finds a patient by e-mail', async () => {
  const res = await find('amina@post.example');
  assertEqual(res.status, 200, 'status');
  assertEqual(res.json, [{ id: 1, name: 'Amina Haddad', email: 'amina@post.example' }]);
});

test('it finds a different patient by a different address', async () => {
  const res = await find('mei.lin@post.example');
  assertEqual(res.json, [{ id: 4, name: 'Mei Lin', email: 'mei.lin@post.example' }]);
});

test('an address that nobody has gives 404', async () => {
  assertEqual((await find('nobody@post.example')).status, 404, 'status');
});

test('an address with a plus sign is found', async () => {
  const res = await find('jonas+clinic@post.example');
  assertEqual(res.json, [{ id: 3, name: 'Jonas Weber', email: 'jonas+clinic@post.example' }]);
});

test('the list of wards is there', async () => {
  const res = await request(app, 'GET', '/wards');
  assertEqual(res.json, [{ name: 'Cardiology', beds: 20 }, { name: 'Maternity', beds: 12 }]);
});

test('a patient who was registered a minute ago is found', async () => {
  const email = `${random(4)}@post.example`;
  sql('INSERT INTO patients (id, name, email) VALUES (?, ?, ?)', [77, 'Noor Jansen', email]);
  assertEqual((await find(email)).json, [{ id: 77, name: 'Noor Jansen', email }]);
});
