--- Test cases that run beside a living Neovim.
---
--- The cases run in a coroutine that is resumed by timers, so Neovim's main loop stays free: keys are typed
--- into it as a person would type them, and the server's messages are handled between two keys.
local M = {}

local cases = {}
local first_failure_only = false

-- Neovim prints its own messages to the standard streams, so the results have a file of their own.
local results = assert(io.open(vim.env.RESULTS, 'w'))
function M.report(...)
  results:write(string.format(...), '\n')
  results:flush()
end

--- Registers a case. Cases run in the order in which they are written.
function M.case(name, fn)
  cases[#cases + 1] = { name = name, fn = fn }
end

--- Each case of a story builds on the one before it, so after a failure the rest says nothing.
function M.story()
  first_failure_only = true
end

function M.sleep(ms)
  local co = coroutine.running()
  vim.defer_fn(function()
    local ok, err = coroutine.resume(co)
    if not ok then
      M.report('FAIL %s', err)
      os.exit(1)
    end
  end, ms)
  coroutine.yield()
end

--- Waits until `condition` gives something, and gives that back. Milliseconds.
function M.eventually(what, condition, timeout)
  local deadline = vim.uv.hrtime() + (timeout or 20000) * 1e6
  repeat
    local got = condition()
    if got then
      return got
    end
    M.sleep(10)
  until vim.uv.hrtime() > deadline
  error('timed out waiting for ' .. what, 2)
end

--- Types keys (`<CR>` notation) and waits until Neovim has taken them.
function M.type(keys)
  while #keys > 0 do
    local taken = vim.api.nvim_input(keys)
    keys = keys:sub(taken + 1)
    M.sleep(0)
  end
end

function M.equal(actual, expected, what)
  if not vim.deep_equal(actual, expected) then
    error(('%s: expected %s, got %s'):format(what, vim.inspect(expected), vim.inspect(actual)), 2)
  end
end

--- The server's diagnostics of a buffer, as line, column (both from 0, in bytes) and rule.
function M.findings(bufnr)
  local list = vim.tbl_map(function(d)
    return { line = d.lnum, col = d.col, rule = tostring(d.code) }
  end, vim.tbl_filter(function(d)
    return d.source == 'squire'
  end, vim.diagnostic.get(bufnr or 0)))
  table.sort(list, function(a, b)
    if a.line ~= b.line then
      return a.line < b.line
    end
    return a.col < b.col
  end)
  return list
end

function M.lines(bufnr)
  return vim.api.nvim_buf_get_lines(bufnr or 0, 0, -1, false)
end

--- What the user was told: lines printed and floating windows.
M.messages = {}
vim.notify = function(text)
  M.messages[#M.messages + 1] = text
end

function M.floating_text()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(M.lines(vim.api.nvim_win_get_buf(window)), '\n')
    end
  end
end

--- Types a command and gives what the user is told next, printed or in a floating window.
function M.ask(command, pattern)
  M.messages = {}
  vim.cmd.fclose({ bang = true })
  M.type(':' .. command .. '<CR>')
  local told
  local ok = pcall(M.eventually, 'an answer', function()
    told = table.concat(vim.list_extend({ M.floating_text() }, M.messages), '\n')
    return told:find(pattern)
  end)
  if not ok then
    error((':%s should tell something like %q and told: %s'):format(command, pattern, told), 2)
  end
  return told
end

--- Runs the cases and ends Neovim with 0 only if all of them passed.
function M.run()
  local passed, failed = 0, 0
  local co = coroutine.create(function()
    for _, case in ipairs(cases) do
      local started = vim.uv.hrtime()
      local ok, err = xpcall(case.fn, debug.traceback)
      local ms = (vim.uv.hrtime() - started) / 1e6
      M.report('%s %s (%d ms)%s', ok and 'ok  ' or 'FAIL', case.name, ms, ok and '' or '\n' .. err)
      passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
      if not ok and first_failure_only then
        failed = failed + #cases - passed - failed
        break
      end
    end
    M.report('%d passed, %d failed', passed, failed)
    for _, client in ipairs(vim.lsp.get_clients()) do
      client:stop(true)
    end
    os.exit(failed == 0 and 0 or 1)
  end)
  local ok, err = coroutine.resume(co)
  if not ok then
    M.report('FAIL %s', err)
    os.exit(1)
  end
end

return M
