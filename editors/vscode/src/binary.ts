import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAME = process.platform === 'win32' ? 'squire.exe' : 'squire';

export interface Binary {
  readonly path: string;
  readonly origin: 'the setting squire.server.path' | 'the extension' | 'the PATH';
}

/** Says where the program was looked for; its text is shown to the user as it is. */
export class BinaryMissing extends Error {}

/** The program to run: the setting's, or else the extension's own, or else the first on the `PATH`. */
export async function findBinary(setting: string, extensionFolder: string): Promise<Binary> {
  if (setting !== '') {
    const wanted = setting.startsWith('~/') ? path.join(os.homedir(), setting.slice(2)) : setting;
    if (await isExecutable(wanted)) return { path: wanted, origin: 'the setting squire.server.path' };
    throw new BinaryMissing(`The setting squire.server.path names ${wanted}, which is not a program.`);
  }
  const bundled = path.join(extensionFolder, 'bin', NAME);
  if (await isExecutable(bundled)) return { path: bundled, origin: 'the extension' };
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    const candidate = path.join(folder, NAME);
    if (path.isAbsolute(folder) && (await isExecutable(candidate))) return { path: candidate, origin: 'the PATH' };
  }
  throw new BinaryMissing(
    `The program “squire” was not found: the setting squire.server.path is empty, this build of the extension brings ` +
      `none, and there is none on the PATH. Install it, or name it in the setting.`,
  );
}

/** Runs the command line tool and gives what it printed. Rejects where it fails or takes ten seconds. */
export async function tool(binary: Binary, args: readonly string[]): Promise<string> {
  const { stdout } = await run(binary.path, [...args], { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
