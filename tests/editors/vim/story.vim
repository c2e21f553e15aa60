" The main job in a real Vim with ALE, without a screen.
set nocompatible nomore noswapfile nobackup hidden encoding=utf-8
scriptencoding utf-8
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_lint_delay = 50
let g:ale_echo_cursor = 0
packadd! ale

function! s:Say(text) abort
  call writefile([a:text], $RESULTS, 'a')
endfunction

function! s:Fail(text) abort
  call s:Say('FAIL ' . a:text)
  cquit!
endfunction

" Callbacks of jobs and timers run while :sleep waits.
function! s:Until(what, Condition) abort
  for l:round in range(400)
    if a:Condition()
      return
    endif
    sleep 50m
  endfor
  call s:Fail('timed out waiting for ' . a:what)
endfunction

function! s:Findings() abort
  return get(get(g:ale_buffer_info, bufnr(''), {}), 'loclist', [])
endfunction

function! s:Story() abort
  call ale#linter#Define('javascript', {
  \ 'name': 'squire', 'lsp': 'stdio', 'executable': 'squire', 'command': '%e lsp', 'language': 'javascript',
  \ 'project_root': {buffer -> $PROJECT},
  \ })
  execute 'edit' fnameescape($PROJECT . '/patients.js')
  set filetype=javascript
  let b:ale_linters = ['squire']
  call ale#Queue(0, 'lint_file')
  call s:Until('the finding', {-> !empty(s:Findings())})
  let l:finding = s:Findings()[0]
  let l:column = match(getline(l:finding.lnum), 'db\.query')
  " ALE takes the server's UTF-16 column for bytes, so the column is right up to the emoji's two more bytes.
  if l:column < 0 || abs(l:finding.col - 1 - l:column) > 2
    call s:Fail(printf('the finding is at %d:%d', l:finding.lnum, l:finding.col))
  endif
  call s:Say('ok   the finding is pushed')
  call setline(l:finding.lnum, '  db.query("SELECT 1");')
  call ale#Queue(0)
  call s:Until('the finding to go', {-> empty(s:Findings())})
  call s:Say('ok   the finding goes with its code')
  call s:Say('2 passed, 0 failed')
  qall!
endfunction

" This script runs before plugins are loaded.
autocmd VimEnter * call s:Story()
