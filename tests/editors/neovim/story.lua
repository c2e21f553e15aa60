-- The main job: open a vulnerable file, see the finding, fix it, learn from it, and prove the repair.
local t = require('harness')
t.story()

local RULE = 'javascript-sql-string-building'
local patients = vim.env.PROJECT .. '/patients.js'
local exercise

--- Answers the next list of choices that Neovim shows with the first item that `wanted` accepts.
local function answer_choice(wanted)
  local asked = {}
  vim.ui.select = function(items, options, choose)
    asked.titles = vim.tbl_map(options.format_item or tostring, items)
    for index, item in ipairs(items) do
      if wanted(item.action or item) then
        return choose(item, index)
      end
    end
    choose(nil)
  end
  return asked
end

local function sink_line()
  for number, text in ipairs(t.lines()) do
    if text:find('db.query(', 1, true) then
      return number, text
    end
  end
end

local function go_to_finding()
  local number, text = sink_line()
  vim.api.nvim_win_set_cursor(0, { number, text:find('db.query', 1, true) - 1 })
end

t.case('opening the file shows the finding, with its flow and its lesson', function()
  vim.cmd.edit(vim.fn.fnameescape(patients))
  t.eventually('a finding', function()
    return #t.findings() > 0
  end)
  local number, text = sink_line()
  t.equal(t.findings(), { { line = number - 1, col = text:find('db.query', 1, true) - 1, rule = RULE } }, 'findings')
  local lsp = vim.diagnostic.get(0)[1].user_data.lsp
  assert(#(lsp.relatedInformation or {}) >= 2, 'the flow has no source and sink: ' .. vim.inspect(lsp.relatedInformation))
  -- The link leads to a page on this machine, which holds the lesson.
  local page = table.concat(vim.fn.readfile(vim.uri_to_fname(lsp.codeDescription.href)), '\n')
  assert(page:find(RULE, 1, true) and page:find('## What happens', 1, true), page)
end)

t.case('hover on the finding explains it', function()
  go_to_finding()
  t.type('K')
  local text = t.eventually('the hover', t.floating_text)
  assert(text:find('SQL'), text)
end)

t.case('the preferred fix binds the parameter, exactly', function()
  local asked = answer_choice(function(action)
    return action.isPreferred
  end)
  go_to_finding()
  t.type('gra')
  t.eventually('the edit, among ' .. vim.inspect(asked.titles), function()
    return table.concat(t.lines(), '\n'):find('[email]', 1, true)
  end)
  local lines = t.lines()
  local number = sink_line()
  t.equal(lines[number - 1], '  const query = "SELECT * FROM patients WHERE email = ?";', 'the query')
  t.equal(lines[number], '  /* 🏥 columns count UTF-16 units */ db.query(query, [email]);', 'the call')
  t.eventually('the finding to go', function()
    return #t.findings() == 0
  end)
end)

t.case('undo brings the finding back, redo takes it away', function()
  t.type('u')
  t.eventually('the finding', function()
    return #t.findings() == 1
  end)
  t.type('<C-r>')
  t.eventually('the finding to go', function()
    return #t.findings() == 0
  end)
  t.type('u')
  t.eventually('the finding again', function()
    return #t.findings() == 1
  end)
end)

t.case(':Squire fix-all applies it too', function()
  t.type(':Squire fix-all<CR>')
  t.eventually('the edit', function()
    return select(2, sink_line()):find('[email]', 1, true)
  end)
  t.type('u')
  t.eventually('the finding again', function()
    return #t.findings() == 1
  end)
end)

t.case(':Squire lesson opens the lesson and its exercise', function()
  go_to_finding()
  t.type(':Squire lesson<CR>')
  local function buffer(pattern)
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_is_loaded(bufnr) and vim.api.nvim_buf_get_name(bufnr):find(pattern) then
        return bufnr
      end
    end
  end
  local lesson = t.eventually('the lesson', function()
    return buffer('%.md$')
  end)
  local text = table.concat(t.lines(lesson), '\n')
  assert(text:find('SQL') and text:find('## What happens', 1, true), text)
  exercise = t.eventually('the exercise', function()
    return buffer('/javascript/[^/]*%.js$')
  end)
end)

t.case('the exercise has its buttons and its finding', function()
  vim.cmd.buffer(exercise)
  t.eventually('the code lenses', function()
    local titles = table.concat(vim.tbl_map(function(lens)
      return lens.command and lens.command.title or ''
    end, vim.lsp.codelens.get(exercise)), ' ')
    return titles:find('Attack') and titles:find('Check') and titles:find('Hint') and titles:find('Reset') and titles:find('Solution')
  end)
  t.eventually('the finding', function()
    return #t.findings(exercise) > 0
  end)
end)

t.case('the attack succeeds against the exercise as it was shipped', function()
  vim.cmd.buffer(exercise)
  t.ask('Squire attack', 'succe')
end)

t.case('the check says so too, and a hint helps', function()
  t.ask('Squire check', 'attack')
  t.ask('Squire hint', '%w')
end)

t.case('the fix repairs the exercise, and the check proves it', function()
  answer_choice(function(action)
    return action.isPreferred
  end)
  -- The last verdict stands beside the finding until the next one.
  local function left()
    return vim.iter(t.findings(exercise)):find(function(finding)
      return finding.rule == RULE
    end)
  end
  vim.api.nvim_win_set_cursor(0, { left().line + 1, left().col })
  t.type('gra')
  t.eventually('the finding to go', function()
    return not left()
  end)
  t.ask('Squire check', '[Ss]olved')
end)

t.case('progress remembers the lesson', function()
  t.messages = {}
  t.type(':Squire progress<CR>')
  t.eventually('the progress', function()
    local text = (t.floating_text() or '') .. table.concat(t.messages, '\n') .. table.concat(t.lines(), '\n')
    return text:find('SQL')
  end)
end)

t.run()
