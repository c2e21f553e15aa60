#!/usr/bin/env bash
# Debian's Emacs with eglot: a client that only takes pushed diagnostics and knows neither code lenses nor showDocument.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
debian emacs-nox elpa-eglot
squire_binary
clean_home
project
step 'emacs: story'
mkdir -p "$RUN/home"
# --batch leaves the user's init file out and the site's in, and with it Debian's packages.
HOME="$RUN/home" RESULTS="$RUN/story.txt" timeout 120 emacs --batch -l "$here/story.el" >"$RUN/emacs.log" 2>&1 || true
if grep -qEx '[0-9]+ passed, 0 failed' "$RUN/story.txt" 2>/dev/null; then
  cat "$RUN/story.txt"
else
  tail -n 20 "$RUN/emacs.log"
  grep -vEx '[0-9]+ passed, [0-9]+ failed' "$RUN/story.txt" || true
  echo '0 passed, 1 failed'
  exit 1
fi
