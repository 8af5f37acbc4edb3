-- job_submit.lua of asbb: asks `asbb` before a job enters, or changes in, a burst partition.
-- Printed by `asbb slurm conf --lua`, which fills in the four constants; edit the configuration, not this.
--
-- It runs inside slurmctld, under its locks: a job for any other partition starts no process. No job
-- field ever stands in a command: the request travels in a file whose name is made of time and a counter.
-- Only what Lua 5.1 to 5.4 have in common is used (Debian 12 links slurmctld to 5.1).

local BURST = {} --@BURST@ partition -> "closed" | "open": what happens when asbb gives no answer
local DIR = "" --@DIR@ where requests are written, ends in a slash; mode 0700, owner SlurmUser
local CMD = "" --@CMD@ a constant; the name of the request file is appended
local CMD_MODIFY = "" --@CMD_MODIFY@

local BUSY = "asbb: the budget ledger is busy; the job was not submitted, repeat in a minute [TRY_AGAIN]"
local LONGEST_STRING = 1024
local NO_VAL, NO_VAL16 = 4294967294, 65534

local NUMBERS = {
  "user_id", "het_job_offset", "time_limit", "time_min", "min_nodes", "max_nodes", "min_cpus",
  "max_cpus", "num_tasks", "ntasks_per_node", "cpus_per_task", "pn_min_cpus", "min_mem_per_cpu",
  "min_mem_per_node", "shared", "begin_time",
}
local STRINGS = {
  "name", "account", "default_account", "user_name", "features", "array_inx", "tres_per_job",
  "tres_per_node", "tres_per_socket", "tres_per_task", "cpus_per_tres", "mem_per_tres", "req_nodes",
  "qos", "reservation", "admin_comment",
}
local PART_NUMBERS = {
  "max_time", "default_time", "min_nodes", "max_nodes", "def_mem_per_cpu", "def_mem_per_node",
}
local JOB_NUMBERS = {
  "job_id", "array_job_id", "array_task_id", "het_job_id", "job_state", "restart_cnt", "submit_time",
  "time_limit", "min_nodes", "max_nodes", "min_cpus", "total_cpus",
}
local JOB_STRINGS = { "account", "partition", "admin_comment", "features", "tres_per_node" }
-- A change of one of these may change the price. account and partition are asked for apart.
local PRICED_NUMBERS = {
  "time_limit", "min_nodes", "max_nodes", "num_tasks", "min_cpus", "max_cpus", "ntasks_per_node",
  "cpus_per_task", "pn_min_cpus", "min_mem_per_cpu", "min_mem_per_node", "shared",
}
local PRICED_STRINGS = {
  "account", "partition", "features", "tres_per_job", "tres_per_node", "tres_per_socket",
  "tres_per_task",
}

-- ---------------------------------------------------------------- the request, as JSON

-- Every byte outside the safe set becomes \u00XX; the binary turns them back into bytes.
local function json_string(text)
  local safe = string.gsub(string.sub(text, 1, LONGEST_STRING), "[^A-Za-z0-9 _.,:=+/@-]", function(byte)
    return string.format("\\u%04x", string.byte(byte))
  end)
  return '"' .. safe .. '"'
end

local function json_object(members)
  return "{" .. table.concat(members, ",") .. "}"
end

-- Fields are asked for by name: job_desc, job_rec and the partitions are userdata.
local function add_numbers(members, from, names)
  for _, name in ipairs(names) do
    local value = from[name]
    if type(value) == "number" and value == value and value >= 0 and value < 1e20 then
      members[#members + 1] = '"' .. name .. '":' .. string.format("%.0f", value)
    end
  end
end

local function add_strings(members, from, names)
  for _, name in ipairs(names) do
    local value = from[name]
    if type(value) == "string" then
      members[#members + 1] = '"' .. name .. '":' .. json_string(value)
    end
  end
end

local function each_partition(list, visit)
  for name in string.gmatch(list or "", "[^,]+") do
    visit(name)
  end
end

local function parts_of(list, part_list)
  local members = {}
  each_partition(list, function(name)
    local part = part_list[name]
    if part ~= nil then
      local limits = {}
      add_numbers(limits, part, PART_NUMBERS)
      members[#members + 1] = json_string(name) .. ":" .. json_object(limits)
    end
  end)
  return json_object(members)
end

local function request_of(verb, uid, job_desc, partition, part_list)
  local members = { '"v":1', '"verb":"' .. verb .. '"', '"uid":' .. string.format("%.0f", uid) }
  if type(slurm.CLUSTER_NAME) == "string" then
    members[#members + 1] = '"cluster":' .. json_string(slurm.CLUSTER_NAME)
  end
  add_numbers(members, job_desc, NUMBERS)
  add_strings(members, job_desc, STRINGS)
  if partition ~= nil then
    members[#members + 1] = '"partition":' .. json_string(partition)
    members[#members + 1] = '"parts":' .. parts_of(partition, part_list)
  end
  return members
end

-- ---------------------------------------------------------------- the file and the answer

local counter

-- Begun at random, so that a script that slurmctld reads again does not repeat a name.
local function next_name()
  if counter == nil then
    local source = assert(io.open("/dev/urandom", "rb"))
    local bytes = source:read(3)
    source:close()
    counter = string.byte(bytes, 1) * 65536 + string.byte(bytes, 2) * 256 + string.byte(bytes, 3)
  end
  counter = (counter + 1) % 16777216
  return string.format("%08x%06x", os.time(), counter)
end

-- The one line that asbb printed, without its end; nil when there is no whole line.
local function ask(command, members)
  local name = next_name()
  local file = assert(io.open(DIR .. name, "w"))
  file:write(json_object(members), "\n")
  assert(file:close())
  local pipe = assert(io.popen(command .. name, "r"))
  local output = pipe:read("*a") or ""
  pipe:close()
  return string.match(output, "^([^\n]*)\n$")
end

local CLASSES = {
  policy = "ESLURM_ACCOUNTING_POLICY",
  account = "ESLURM_INVALID_ACCOUNT",
  time = "ESLURM_INVALID_TIME_LIMIT",
  nodes = "ESLURM_INVALID_NODE_COUNT",
  retry = "ERROR",
}

-- token ("-": none needed) and text, or a return code and text; nil when it is no answer of asbb.
local function read_answer(line)
  if line == nil then
    return nil
  end
  local token, ok_text = string.match(line, "^asbb1 ok (%S+) ?(.*)$")
  if token ~= nil then
    return { token = token, text = ok_text }
  end
  local class, no_text = string.match(line, "^asbb1 no (%l+) (.*)$")
  local code = class and CLASSES[class]
  if code == nil then
    return nil
  end
  return { code = slurm[code] or slurm.ERROR, text = no_text }
end

-- log_user takes a format: a % in the text would raise, and a runtime error admits the job.
local function tell(text)
  if text ~= "" then
    slurm.log_user("%s", text)
  end
end

local function unanswered(fail, why)
  slurm.log_error("%s", "asbb: no answer from the budget service: " .. tostring(why))
  if fail == "open" then
    return slurm.SUCCESS
  end
  slurm.log_user("%s", BUSY)
  return slurm.ERROR
end

-- Runs decide(); whatever goes wrong in it is answered as the partition says.
local function guarded(fail, decide)
  local ok, result = pcall(decide)
  if ok and result ~= nil then
    return result
  end
  local told, code = pcall(unanswered, fail, ok and "no whole answer line" or result)
  if told then
    return code
  end
  return fail == "open" and slurm.SUCCESS or slurm.ERROR
end

-- ---------------------------------------------------------------- which jobs

-- "closed" or "open" when a partition of the list is ours, else nil. One closed member closes all.
local function fail_of(list)
  local fail
  each_partition(list, function(name)
    local policy = BURST[name]
    if policy == "closed" or (policy ~= nil and fail == nil) then
      fail = policy
    end
  end)
  return fail
end

local function default_partition(part_list)
  for name, part in pairs(part_list) do
    if part.flag_default == 1 then
      return name
    end
  end
  return nil
end

-- The old text without any word asbb:hold=...: nobody brings a token along.
local function with_token(comment, token)
  local words = {}
  for word in string.gmatch(comment or "", "%S+") do
    if string.sub(word, 1, 10) ~= "asbb:hold=" then
      words[#words + 1] = word
    end
  end
  words[#words + 1] = "asbb:hold=" .. token
  return table.concat(words, " ")
end

local function submit(job_desc, partition, part_list, uid)
  local answer = read_answer(ask(CMD, request_of("submit", uid, job_desc, partition, part_list)))
  if answer == nil then
    return nil
  end
  if answer.code ~= nil then
    tell(answer.text)
    return answer.code
  end
  if answer.token ~= "-" then
    job_desc.admin_comment = with_token(job_desc.admin_comment, answer.token)
  end
  tell(answer.text)
  return slurm.SUCCESS
end

local function is_set(value)
  return value ~= nil and value ~= NO_VAL and value ~= NO_VAL16
end

-- Users cannot set admin_comment; an administrator who drops the token is noted, not refused.
local function drops_token(job_desc, job_rec)
  local token = string.match(job_rec.admin_comment or "", "asbb:hold=%S+")
  local new = job_desc.admin_comment
  return token ~= nil and new ~= nil and string.find(new, token, 1, true) == nil
end

local function concerns_us(job_desc, job_rec)
  for _, name in ipairs(PRICED_NUMBERS) do
    if is_set(job_desc[name]) then
      return true
    end
  end
  for _, name in ipairs(PRICED_STRINGS) do
    if job_desc[name] ~= nil then
      return true
    end
  end
  return drops_token(job_desc, job_rec)
end

local function modify(job_desc, job_rec, part_list, uid)
  local members = request_of("modify", uid, job_desc, job_desc.partition, part_list)
  local job = {}
  add_numbers(job, job_rec, JOB_NUMBERS)
  add_strings(job, job_rec, JOB_STRINGS)
  members[#members + 1] = '"job":' .. json_object(job)
  if job_desc.partition == nil then
    members[#members + 1] = '"parts":' .. parts_of(job_rec.partition, part_list)
  end
  local answer = read_answer(ask(CMD_MODIFY, members))
  if answer == nil then
    return nil
  end
  tell(answer.text)
  return answer.code or slurm.SUCCESS
end

-- ---------------------------------------------------------------- what slurmctld calls

function slurm_job_submit(job_desc, part_list, submit_uid)
  local ok, partition, fail = pcall(function()
    local named = job_desc.partition or default_partition(part_list)
    return named, fail_of(named)
  end)
  if not ok then
    return guarded("closed", function() error(partition, 0) end)
  end
  if fail == nil then
    return slurm.SUCCESS
  end
  return guarded(fail, function() return submit(job_desc, partition, part_list, submit_uid) end)
end

function slurm_job_modify(job_desc, job_rec, part_list, modify_uid)
  local ok, fail = pcall(function()
    local policy = fail_of((job_rec.partition or "") .. "," .. (job_desc.partition or ""))
    return policy ~= nil and concerns_us(job_desc, job_rec) and policy or nil
  end)
  if not ok then
    return guarded("closed", function() error(fail, 0) end)
  end
  if fail == nil then
    return slurm.SUCCESS
  end
  return guarded(fail, function() return modify(job_desc, job_rec, part_list, modify_uid) end)
end

return slurm.SUCCESS
