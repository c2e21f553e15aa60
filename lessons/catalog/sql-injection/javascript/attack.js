const send = (email) => request(app, 'GET', '/patients?email=' + encodeURIComponent(email));
const rowsOf = (res) => (Array.isArray(res.json) ? res.json : []);

attack('a quote ends the text, and "or" makes the condition always true', { input: "' OR '1'='1" }, async () => {
  const rows = rowsOf(await send("' OR '1'='1"));
  return breached(rows.length > 1, `${rows.length} patient records with one request`);
});

attack('a second SELECT is glued on and reads another column', { input: "' UNION SELECT id, name, diagnosis FROM patients -- " }, async () => {
  const res = await send("' UNION SELECT id, name, diagnosis FROM patients -- ");
  const diagnoses = sql('SELECT name, diagnosis FROM patients').filter((row) => res.body.includes(row.diagnosis));
  return breached(diagnoses.length > 0, diagnoses.map((row) => `${row.name}: ${row.diagnosis}`).join('; '));
});

attack('a backslash swallows the quote that was meant to keep the text together', { input: "\\' OR 1=1 -- " }, async () => {
  // Where the quotes are doubled by hand, MySQL reads \'' as an escaped quote and a closing one. Where nothing is
  // escaped, a plain quote does; an attacker tries both.
  for (const input of ["\\' OR 1=1 -- ", "\\\\' OR 1=1 -- ", "' OR 1=1 -- "]) {
    const rows = rowsOf(await send(input));
    if (rows.length > 1) return breached(true, `${rows.length} patient records with ${input}`);
  }
  return breached(false);
});

attack('the address is sent twice, so that the program gets a list and not a text', { input: "email=x&email=' OR '1'='1" }, async () => {
  const res = await request(app, 'GET', "/patients?email=x&email=' OR '1'='1".replace(/ /g, '%20'));
  return breached(rowsOf(res).length > 1, `${rowsOf(res).length} patient records`);
});

attack('only yes-or-no answers are needed to read a secret letter by letter', { input: "amina@post.example' AND (SELECT substr(pin,1,1) FROM staff LIMIT 1)='4' -- " }, async () => {
  let pin = '';
  for (let place = 1; place <= 4; place++) {
    for (const digit of '0123456789') {
      const res = await send(`amina@post.example' AND (SELECT substr(pin,${place},1) FROM staff ORDER BY id LIMIT 1)='${digit}' -- `);
      if (res.status === 200) {
        pin += digit;
        break;
      }
    }
  }
  const [doctor] = sql('SELECT name, pin FROM staff ORDER BY id');
  return breached(pin === doctor.pin, `the PIN of ${doctor.name}, ${pin}, without ever seeing the table`);
});

attack('nobody attacks at all: a patient has an apostrophe in her address', { input: "siobhan.o'neill@post.example" }, async () => {
  const found = rowsOf(await send("siobhan.o'neill@post.example")).some((row) => row.name === "Siobhan O'Neill");
  return breached(!found, 'no record for Mrs O\'Neill, who is in labour at the front desk');
});
