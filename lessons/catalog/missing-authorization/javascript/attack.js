// Whether an attack worked is asked of the database, not of the answer: a program may say no and do it all the same.
const recordings = () => sql('SELECT id, hearing, witness FROM recordings ORDER BY id');
const witness = { user: { name: 'M. Keita', role: 'witness' } };

async function deletes(url, options) {
  const before = recordings();
  await request(app, 'DELETE', url, options);
  const left = recordings().map((row) => row.id);
  const gone = before.filter((row) => !left.includes(row.id));
  return breached(gone.length > 0, gone.map((row) => `"${row.hearing}" (${row.witness}) is gone`).join('; '));
}

attack('somebody who never logged in', { input: 'DELETE /recordings/1' }, () => deletes('/recordings/1'));

attack('a witness deletes the recording of his own statement', { input: 'DELETE /recordings/1, logged in as the witness M. Keita' }, () =>
  deletes('/recordings/1', { session: witness }));

attack('a witness deletes the recording of somebody else', { input: 'DELETE /recordings/2, logged in as the witness M. Keita' }, () =>
  deletes('/recordings/2', { session: witness }));

attack('a stranger claims to be a clerk: in the address, in the body, in a header, in a cookie', { input: 'DELETE /recordings/3?role=clerk, X-Role: clerk, {"role": "clerk"}' }, () =>
  deletes('/recordings/3?role=clerk&admin=true&confirm=yes', {
    body: { role: 'clerk', user: { role: 'clerk' }, admin: true, confirm: 'yes' },
    headers: { 'X-Role': 'clerk', 'X-User-Role': 'clerk', 'X-Requested-With': 'XMLHttpRequest', Referer: 'https://court.example/admin/recordings', Origin: 'https://court.example' },
    cookies: { role: 'clerk' },
  }));

attack('a witness borrows the address of the clerks\' page', { input: 'Referer: https://court.example/admin/recordings' }, () =>
  deletes('/recordings/2', { session: witness, headers: { Referer: 'https://court.example/admin/recordings' } }));

attack('the same address, written differently', { input: 'DELETE /Recordings/3/ , logged in as a witness' }, () =>
  deletes('/Recordings/3/', { session: witness }));
