--- The subcommands of :Squire.
local squire = require('squire')

local M = {}

--- The finding under the cursor, or else the first one on its line.
---@return vim.Diagnostic?
local function finding_at_cursor()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local on_line = vim.tbl_filter(function(diagnostic)
    return diagnostic.source == 'squire'
  end, vim.diagnostic.get(0, { lnum = row - 1 }))
  for _, diagnostic in ipairs(on_line) do
    if col >= diagnostic.col and (diagnostic.end_lnum > row - 1 or col < diagnostic.end_col) then
      return diagnostic
    end
  end
  return on_line[1]
end

---@param arguments string[] Arguments of the command line tool.
---@return string? # Its standard output, or nil if it failed or took longer than two seconds.
local function tool(arguments)
  local cmd = vim.lsp.config.squire.cmd
  local exe = type(cmd) == 'table' and cmd[1] or 'squire'
  local ok, process = pcall(vim.system, vim.list_extend({ exe }, arguments), { text = true })
  if not ok then
    return nil
  end
  local result = process:wait(2000)
  return result.code == 0 and result.stdout or nil
end

---@return { id: string, title: string, minutes: integer? }[]
local function lessons()
  local text = tool({ 'lesson', 'list', '--format', 'json' })
  local ok, list = pcall(vim.json.decode, text or '')
  return ok and type(list) == 'table' and list.lessons or {}
end

local function ids(list)
  return vim.tbl_map(function(item)
    return item.id
  end, list)
end

local function choose_lesson()
  local list = lessons()
  if #list == 0 then
    return squire.notify('no lessons found; see :checkhealth squire', vim.log.levels.ERROR)
  end
  vim.ui.select(list, {
    prompt = 'Lesson:',
    format_item = function(lesson)
      return ('%s (%s min)'):format(lesson.title, lesson.minutes or '?')
    end,
  }, function(lesson)
    if lesson then
      squire.execute('squire.lesson.open', { lesson.id })
    end
  end)
end

--- A command about the exercise in the current buffer.
local function on_exercise(command)
  return function()
    -- The server checks the text as it stands in the editor, saved or not.
    squire.execute(command, { vim.uri_from_bufnr(0) })
  end
end

---@class squire.Subcommand
---@field desc string
---@field run fun(argument?: string)
---@field complete? fun(): string[]

---@type table<string, squire.Subcommand>
M.subcommands = {
  scan = {
    desc = 'look for findings in the whole workspace',
    run = function()
      squire.execute('squire.scanWorkspace')
    end,
  },
  lesson = {
    desc = 'open the lesson of the finding under the cursor, or one by its id',
    complete = function()
      return ids(lessons())
    end,
    run = function(id)
      if id then
        return squire.execute('squire.lesson.open', { id })
      end
      if not finding_at_cursor() then
        return choose_lesson()
      end
      vim.lsp.buf.code_action({
        apply = true,
        filter = function(action)
          return vim.startswith(action.title, 'Learn')
        end,
      })
    end,
  },
  attack = { desc = 'run the attack against the exercise', run = on_exercise('squire.lesson.attack') },
  check = { desc = 'check the repair of the exercise', run = on_exercise('squire.lesson.check') },
  hint = { desc = 'show the next hint', run = on_exercise('squire.lesson.hint') },
  reset = { desc = 'put the exercise back as it was shipped', run = on_exercise('squire.lesson.reset') },
  solution = { desc = 'show a good repair', run = on_exercise('squire.lesson.solution') },
  progress = {
    desc = 'show what was learnt and what is due again',
    run = function()
      squire.execute('squire.showProgress')
    end,
  },
  explain = {
    desc = 'explain the finding under the cursor, or a rule or CWE by its name',
    complete = function()
      local ok, list = pcall(vim.json.decode, tool({ 'rules', 'list', '--format', 'json' }) or '')
      return ok and type(list) == 'table' and ids(list.rules or {}) or {}
    end,
    run = function(id)
      local finding = finding_at_cursor()
      id = id or (finding and tostring(finding.code))
      if not id then
        return squire.notify('no finding under the cursor; name a rule or a CWE', vim.log.levels.WARN)
      end
      squire.execute('squire.explain', { id })
    end,
  },
  ['fix-all'] = {
    desc = 'apply every safe fix in this file',
    run = function()
      vim.lsp.buf.code_action({ apply = true, context = { only = { 'source.fixAll.squire' }, diagnostics = {} } })
    end,
  },
  log = {
    desc = 'open the log of the language client',
    run = function()
      vim.cmd.tabedit(vim.fn.fnameescape(vim.lsp.log.get_filename()))
    end,
  },
  restart = { desc = 'restart the server', run = squire.restart },
}

---@return string[]
local function names()
  local list = vim.tbl_keys(M.subcommands)
  table.sort(list)
  return list
end

local function choose_subcommand()
  vim.ui.select(names(), {
    prompt = 'Squire:',
    format_item = function(name)
      return ('%-9s %s'):format(name, M.subcommands[name].desc)
    end,
  }, function(name)
    if name then
      M.subcommands[name].run()
    end
  end)
end

---@param opts { fargs: string[] }
function M.run(opts)
  local name, argument, extra = unpack(opts.fargs)
  if not name then
    return choose_subcommand()
  end
  local subcommand = M.subcommands[name]
  if not subcommand then
    return squire.notify(('no command %q; there are %s'):format(name, table.concat(names(), ', ')), vim.log.levels.ERROR)
  end
  if extra or (argument and not subcommand.complete) then
    return squire.notify((':Squire %s was given too many arguments'):format(name), vim.log.levels.ERROR)
  end
  subcommand.run(argument)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(vim.trim(line:sub(1, #line - #lead)), '%s+')
  local candidates = {}
  if #words == 1 then
    candidates = names()
  elseif #words == 2 then
    local subcommand = M.subcommands[words[2]]
    candidates = subcommand and subcommand.complete and subcommand.complete() or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

return M
