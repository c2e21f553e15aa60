// A workspace that is not trusted: Squire works, and the workspace has no say in which program is run.
// Environment: that of workbench.mjs, and MARKER (the file that the workspace's own program would make).
import { existsSync } from 'node:fs';
import { command, openFile, page, runCases, shot, squiggles, statusBar, test, until } from './workbench.mjs';

const { MARKER } = process.env;

test('in Restricted Mode the finding is shown, and the program that the workspace names is not run', async () => {
  await openFile('patients.js');
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  await squiggles.first().waitFor();
  await statusBar.filter({ hasText: /^\s*1\s*$/ }).waitFor();
  if (existsSync(MARKER)) throw new Error('the program that the workspace names was run');
  await shot('restricted');
});

test('once the workspace is trusted, its program is run', async () => {
  await command('Workspaces: Manage Workspace Trust');
  await page.locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' }).first().click();
  await until('the program that the workspace names', () => existsSync(MARKER));
  await shot('trusted');
});

await runCases();
