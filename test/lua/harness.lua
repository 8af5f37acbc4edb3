-- Plays slurmctld for job_submit.lua: arg[1] the shim, arg[2] a Lua file that returns the case. Prints
-- the return code's name, what the user would read, and the admin_comment afterwards.
local case = dofile(arg[2])
local said, logged = {}, {}
slurm = {
  SUCCESS = 0, ERROR = -1, CLUSTER_NAME = "lab",
  ESLURM_ACCOUNTING_POLICY = 2050, ESLURM_INVALID_ACCOUNT = 2045,
  ESLURM_INVALID_TIME_LIMIT = 2051, ESLURM_INVALID_NODE_COUNT = 2006,
  log_user = function(format, ...) said[#said + 1] = string.format(format, ...) end,
  log_error = function(format, ...) logged[#logged + 1] = string.format(format, ...) end,
  log_info = function(format, ...) logged[#logged + 1] = string.format(format, ...) end,
}
-- As SLURM's userdata: fields are asked for by name, pairs() finds nothing, some names raise.
local function userdata(fields, raises)
  local seen = {}
  return setmetatable({}, {
    __index = function(_, name)
      if raises and raises[name] then error("no such field " .. name) end
      return seen[name] or fields[name]
    end,
    __newindex = function(_, name, value) seen[name] = value end,
  })
end
dofile(arg[1])
local desc = userdata(case.desc, case.raises)
local parts = {}
for name, fields in pairs(case.parts) do parts[name] = userdata(fields) end
local code
if case.job then
  code = slurm_job_modify(desc, userdata(case.job), parts, case.uid or 1000)
else
  code = slurm_job_submit(desc, parts, case.uid or 1000)
end
io.write("code=", tostring(code), "\n")
for _, line in ipairs(said) do io.write("said=", line, "\n") end
for _, line in ipairs(logged) do io.write("logged=", line, "\n") end
if desc.admin_comment then io.write("admin_comment=", desc.admin_comment, "\n") end
