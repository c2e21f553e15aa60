--- Test cases that run beside a living Neovim.
---
--- The cases run in a coroutine that is resumed by timers, so Neovim's main loop stays free: keys are typed
--- into it as a person would type them, and the server's messages are handled between two keys.
local M = {}

local cases = {}
local first_failure_only = false

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
      io.stdout:write(tostring(err) .. '\n')
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

--- The next message that matches, and forgets those before it.
function M.told(pattern)
  return M.eventually(('a message like %q, among %s'):format(pattern, vim.inspect(M.messages)), function()
    local float = M.floating_text()
    if float and float:find(pattern) then
      return float
    end
    for i, text in ipairs(M.messages) do
      if text:find(pattern) then
        M.messages = vim.list_slice(M.messages, i + 1)
        return text
      end
    end
  end)
end

--- Runs the cases and ends Neovim with 0 only if all of them passed.
function M.run()
  local passed, failed = 0, 0
  local co = coroutine.create(function()
    for _, case in ipairs(cases) do
      local started = vim.uv.hrtime()
      local ok, err = xpcall(case.fn, debug.traceback)
      local ms = (vim.uv.hrtime() - started) / 1e6
      io.stdout:write(('%s %s (%d ms)\n%s'):format(ok and 'ok  ' or 'FAIL', case.name, ms, ok and '' or err .. '\n'))
      io.stdout:flush()
      passed, failed = passed + (ok and 1 or 0), failed + (ok and 0 or 1)
      if not ok and first_failure_only then
        failed = failed + #cases - passed - failed
        break
      end
    end
    io.stdout:write(('%d passed, %d failed\n'):format(passed, failed))
    io.stdout:flush()
    for _, client in ipairs(vim.lsp.get_clients()) do
      client:stop(true)
    end
    os.exit(failed == 0 and 0 or 1)
  end)
  local ok, err = coroutine.resume(co)
  if not ok then
    io.stdout:write(tostring(err) .. '\n')
    os.exit(1)
  end
end

return M
