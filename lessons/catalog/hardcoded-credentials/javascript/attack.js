// Everybody who can read the repository: a colleague who has left, a contractor, whoever finds the laptop, and, on the
// day somebody clicks "make public", everybody.
const opens = (password) => databaseLogin('stock', password);
const quoted = () => Object.values(files.repository()).flatMap((text) => [...text.matchAll(/(['"`])((?:\\.|(?!\1)[^\\\n])*)\1/g)].map((match) => match[2]));

attack('reads the source and tries every text in quotes as the password', { input: 'git clone …; grep -r "\'" .' }, () => {
  const found = quoted().find(opens);
  return breached(found !== undefined, `into the database of the pharmacy with the password ${found}`);
});

attack('takes apart what looks encoded: Base64, hexadecimal, backwards', { input: 'echo S2VzdHJlbC… | base64 -d' }, () => {
  const hex = (text) => (/^([0-9a-f]{2})+$/i.test(text) ? base64.decode(base64.encode(decodeURIComponent(text.replace(/../g, '%$&')))) : '');
  const tries = quoted().flatMap((text) => {
    try {
      return [text, base64.decode(text), hex(text), [...text].reverse().join(''), decodeURIComponent(text)];
    } catch {
      return [text, base64.decode(text), [...text].reverse().join('')];
    }
  });
  const found = tries.find(opens);
  return breached(found !== undefined, `into the database with the password ${found}`);
});

attack('starts the program on an own laptop and watches with which password it logs in', { input: 'git clone …; npm start', environment: {} }, async () => {
  for (const { method, path } of routes()) await request(app, method, path.replace(/:\w+/g, 'insulin'));
  const used = logins.find(({ user, password }) => databaseLogin(user, password));
  return breached(used !== undefined, used && `the program itself hands over ${used.user} and ${used.password}`);
});

attack('starts it with the host set only, as the README says', { input: 'DB_HOST=db.pharmacy.example npm start', environment: { DB_HOST: 'db.pharmacy.example', NODE_ENV: 'development' } }, async () => {
  const res = await request(app, 'GET', '/stock/morphine');
  return breached(res.status === 200, `the stock of morphine: ${res.body}`);
});
