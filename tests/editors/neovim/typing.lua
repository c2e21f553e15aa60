-- Typing at full speed in files of 10,000 lines: nothing that was typed may be missed, and no finding may stay
-- where its code no longer is. What must be shown in the end is what the command line finds in the same text.
local t = require('harness')

-- Every key at once: without this Neovim gathers the changes of 150 ms into one message.
vim.lsp.config('squire', { flags = { debounce_text_changes = 0 } })

local RULE = '%-sql%-string%-building$'

local languages = {
  javascript = {
    file = 'big.js',
    head = { 'const express = require("express");', 'const mysql = require("mysql2");', 'const app = express();', 'const db = mysql.createConnection({});' },
    safe = function(i)
      return {
        ('app.get("/safe/%d", (req, res) => {'):format(i),
        '  const name = String(req.query.name);',
        '  const rows = db.query("SELECT * FROM patients WHERE name = ?", [name]);',
        ('  res.json({ count: %d, rows });'):format(i),
        '});',
      }
    end,
    vulnerable = {
      'app.get("/patients", (req, res) => {',
      '  const email = req.query.email;',
      [[  const query = "SELECT * FROM patients WHERE email = '" + email + "'";]],
      '  db.query(query);',
      '});',
    },
    comment = '// ',
  },
  python = {
    file = 'big.py',
    head = { 'import sqlite3', 'from flask import Flask, request', 'app = Flask(__name__)', 'db = sqlite3.connect("clinic.db")' },
    safe = function(i)
      return {
        ('@app.get("/safe/%d")'):format(i),
        ('def safe_%d():'):format(i),
        '    name = request.args["name"]',
        '    rows = db.execute("SELECT * FROM patients WHERE name = ?", (name,))',
        '    return {"rows": rows.fetchall()}',
      }
    end,
    vulnerable = {
      '@app.get("/patients")',
      'def patients():',
      '    email = request.args["email"]',
      [[    query = "SELECT * FROM patients WHERE email = '" + email + "'"]],
      '    return {"rows": db.execute(query).fetchall()}',
    },
    comment = '# ',
  },
}

--- A file of 10,000 lines with three findings: near the top, in the middle and at the end.
local function write(language)
  local lines = vim.deepcopy(language.head)
  for i = 1, 1999 do
    local block = (i == 3 or i == 1000 or i == 1999) and language.vulnerable or language.safe(i)
    vim.list_extend(lines, block)
  end
  while #lines < 10000 do
    lines[#lines + 1] = language.comment .. 'the end'
  end
  local path = vim.env.PROJECT .. '/' .. language.file
  vim.fn.writefile(lines, path)
  return path
end

--- What the command line finds in the buffer's text.
local function found_by_scan(path)
  local result
  vim.system(
    { 'squire', 'scan', '--stdin', '--stdin-filename', path, '--format', 'json', '--fail-on', 'never' },
    { stdin = table.concat(t.lines(), '\n') .. '\n', text = true, cwd = vim.env.PROJECT },
    function(done)
      result = done
    end
  )
  t.eventually('the scan', function()
    return result
  end, 60000)
  assert(result.code == 0, result.stderr)
  local list = vim.tbl_map(function(finding)
    return { line = finding.start.line - 1, col = finding.start.col - 1, rule = finding.rule_id }
  end, vim.json.decode(result.stdout).results)
  table.sort(list, function(a, b)
    return a.line < b.line or (a.line == b.line and a.col < b.col)
  end)
  return list
end

--- The diagnostics come to agree with the command line, and stay so.
local function agrees(path, count)
  local expected = found_by_scan(path)
  local sql = vim.tbl_filter(function(finding)
    return finding.rule:find(RULE)
  end, expected)
  t.equal(#sql, count, 'number of SQL injections that the command line finds')
  local ok = pcall(t.eventually, 'agreement', function()
    return vim.deep_equal(t.findings(), expected)
  end)
  if not ok then
    t.equal(t.findings(), expected, 'diagnostics')
  end
  t.sleep(500)
  t.equal(t.findings(), expected, 'diagnostics half a second later')
end

for name, language in vim.spairs(languages) do
  local path

  t.case(name .. ': a file of 10,000 lines shows its three findings', function()
    path = write(language)
    vim.cmd.edit(vim.fn.fnameescape(path))
    vim.bo.autoindent, vim.bo.indentexpr, vim.bo.formatoptions = false, '', ''
    t.eventually('the findings', function()
      return #t.findings() >= 3
    end, 60000)
    agrees(path, 3)
  end)

  t.case(name .. ': a route typed at full speed is found, and the findings below it move', function()
    local keys = vim.iter(language.vulnerable):join('<CR>'):gsub('patients%f[^%w]', 'people')
    t.type('10GO' .. keys .. '<Esc>') -- between the first two routes
    agrees(path, 4)
  end)

  t.case(name .. ': a comment typed with one key every 5 ms moves the findings below it', function()
    vim.api.nvim_win_set_cursor(0, { 2500, 0 })
    t.type('O' .. language.comment)
    for key in ('patients whose names have umlauts: ae oe ue, and then some more words'):gmatch('.') do
      t.type(key)
      t.sleep(5)
    end
    t.type('<CR><Esc>')
    agrees(path, 4)
  end)

  t.case(name .. ': fifty undos and redos', function()
    for _ = 1, 25 do
      t.type('u<C-r>')
    end
    agrees(path, 4)
    t.type('10u')
    agrees(path, 3)
  end)

  t.case(name .. ': replacing a word in 2,000 places, and deleting half the file', function()
    t.type(':%s/name/label/g<CR>')
    agrees(path, 3)
    t.type(':1,5009delete<CR>')
    t.eventually('the deletion', function()
      return #t.lines() < 5000
    end)
    t.type('u')
    agrees(path, 3)
  end)

  t.case(name .. ': the finding comes soon after the key', function()
    -- The quote that ends the string is taken out and put back, so the finding goes and comes.
    local took = {}
    local number = vim.fn.search('email + "', 'w')
    local line = vim.fn.getline(number)
    local call = number + 1
    local function shown()
      return vim.iter(t.findings()):any(function(finding)
        return finding.line + 1 == call and finding.rule:find(RULE)
      end)
    end
    t.eventually('the finding at the start', shown)
    for round = 1, 10 do
      local started = vim.uv.hrtime()
      vim.api.nvim_buf_set_lines(0, number - 1, number, true, { (line:gsub('email %+', '"x" +')) })
      t.eventually('the finding to go in round ' .. round, function()
        return not shown()
      end, 5000)
      vim.api.nvim_buf_set_lines(0, number - 1, number, true, { line })
      t.eventually('the finding to come in round ' .. round, shown, 5000)
      took[#took + 1] = (vim.uv.hrtime() - started) / 2e6
    end
    table.sort(took)
    t.report('     %s: from a change to its finding, Neovim included: p50 %d ms, worst %d ms', name, took[5], took[10])
    assert(took[5] < 1000, 'too slow')
    vim.cmd('bwipeout!')
  end)
end

t.run()
