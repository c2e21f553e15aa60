const search = async (q) => dom(await request(app, 'GET', '/search?q=' + encodeURIComponent(q)));

test('a pupil finds courses and their rooms', async () => {
  const page = await search('biology');
  assertEqual(page.find('p').text, '2 found. Rooms: B 12, Aquarium');
});

test('the page says what was searched for', async () => {
  assertEqual((await search('marine')).find('h1').text, 'Courses for marine');
});

test('the field keeps the words, so that they can be changed', async () => {
  assertEqual((await search('algebra')).find('input').attributes.value, 'algebra');
});

test('"C & A" is found and shown as it was typed', async () => {
  const page = await search('C & A');
  assertEqual(page.find('h1').text, 'Courses for C & A');
  assertEqual(page.find('p').text, '1 found. Rooms: Studio 1');
});

test('"x < y" is found and shown as it was typed', async () => {
  const page = await search('x < y');
  assertEqual(page.find('h1').text, 'Courses for x < y');
  assertEqual(page.find('p').text, '1 found. Rooms: A 3');
});

test('names from everywhere stay as they are', async () => {
  assertEqual((await search('Zoë Ångström')).find('h1').text, 'Courses for Zoë Ångström');
});

test('the page is a page', async () => {
  const res = await request(app, 'GET', '/search?q=biology');
  assertEqual(res.status, 200, 'status');
  assert(/^text\/html/.test(res.headers['content-type']), 'a browser must take it for HTML');
});

test('the list of courses for the app on the phone is there', async () => {
  assertEqual((await request(app, 'GET', '/courses')).json.length, 5);
});
