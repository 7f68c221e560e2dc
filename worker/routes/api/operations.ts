// The table of the API: every call but the status and this documentation itself.
import * as z from 'zod';
import { auditQuery, listAudit } from '#worker/actions/audit/list.ts';
import { auditPage } from '#worker/actions/audit/model.ts';
import { channelInput, createChannel } from '#worker/actions/channels/create.ts';
import { listChannels } from '#worker/actions/channels/list.ts';
import { channelModel, testReceipt } from '#worker/actions/channels/model.ts';
import { removeChannel } from '#worker/actions/channels/remove.ts';
import { testChannel } from '#worker/actions/channels/test.ts';
import { channelPatch, updateChannel } from '#worker/actions/channels/update.ts';
import { tryModel, tryTicket } from '#worker/actions/checks/model.ts';
import { byAskId, readTry } from '#worker/actions/checks/readTry.ts';
import { renewAddress } from '#worker/actions/checks/renewAddress.ts';
import { setStatus, statusInput } from '#worker/actions/checks/setStatus.ts';
import { tryCheck } from '#worker/actions/checks/try.ts';
import { deliveryQuery, listDeliveries } from '#worker/actions/deliveries/list.ts';
import { deliveryPage } from '#worker/actions/deliveries/model.ts';
import { byId } from '#worker/actions/fields.ts';
import { createHost } from '#worker/actions/hosts/create.ts';
import { getHost } from '#worker/actions/hosts/get.ts';
import { checkInput, hostInput } from '#worker/actions/hosts/input.ts';
import { listHosts } from '#worker/actions/hosts/list.ts';
import { heartbeatModel, hostAnswer, hostModel } from '#worker/actions/hosts/model.ts';
import { hostPatch } from '#worker/actions/hosts/patch.ts';
import { removeHost } from '#worker/actions/hosts/remove.ts';
import { updateHost } from '#worker/actions/hosts/update.ts';
import { getIncident } from '#worker/actions/incidents/get.ts';
import { incidentQuery, listIncidents } from '#worker/actions/incidents/list.ts';
import { incidentPage, incidentWithEvidence } from '#worker/actions/incidents/model.ts';
import { createJoinCode, joinCodeInput } from '#worker/actions/joinCodes/create.ts';
import { listJoinCodes } from '#worker/actions/joinCodes/list.ts';
import { joinCodeModel, newJoinCode } from '#worker/actions/joinCodes/model.ts';
import { byCodeId, revokeJoinCode } from '#worker/actions/joinCodes/revoke.ts';
import { listLocations } from '#worker/actions/locations/list.ts';
import { locationModel } from '#worker/actions/locations/model.ts';
import { removeLocation } from '#worker/actions/locations/remove.ts';
import { locationPatch, updateLocation } from '#worker/actions/locations/update.ts';
import { createMaintenance } from '#worker/actions/maintenances/create.ts';
import { listMaintenances } from '#worker/actions/maintenances/list.ts';
import { maintenanceInput, maintenanceModel } from '#worker/actions/maintenances/model.ts';
import { removeMaintenance } from '#worker/actions/maintenances/remove.ts';
import { maintenancePatch, updateMaintenance } from '#worker/actions/maintenances/update.ts';
import { retentionModel, retentionPatch } from '#worker/actions/retention/model.ts';
import { changeRetention, getRetention } from '#worker/actions/retention/retention.ts';
import { createRule, ruleInput } from '#worker/actions/rules/create.ts';
import { listRules } from '#worker/actions/rules/list.ts';
import { ruleModel } from '#worker/actions/rules/model.ts';
import { removeRule } from '#worker/actions/rules/remove.ts';
import { rulePatch, updateRule } from '#worker/actions/rules/update.ts';
import { getRunner } from '#worker/actions/runners/get.ts';
import { listRunners } from '#worker/actions/runners/list.ts';
import { runnerModel } from '#worker/actions/runners/model.ts';
import { revokeRunner } from '#worker/actions/runners/revoke.ts';
import { listUnable, unableModel } from '#worker/actions/runners/unable.ts';
import { runnerPatch, updateRunner } from '#worker/actions/runners/update.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import { settingsModel, settingsPatch } from '#worker/actions/settings/model.ts';
import { updateSettings } from '#worker/actions/settings/update.ts';
import { createToken, tokenInput } from '#worker/actions/tokens/create.ts';
import { listTokens } from '#worker/actions/tokens/list.ts';
import { newToken, tokenModel } from '#worker/actions/tokens/model.ts';
import { revokeToken } from '#worker/actions/tokens/revoke.ts';
import { getUsage } from '#worker/actions/usage/get.ts';
import { usageModel } from '#worker/actions/usage/model.ts';
import type { Operation } from './operation.ts';

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/hosts',
    summary: 'All hosts with their checks',
    role: 'viewer',
    answer: z.array(hostModel),
    wrap: 'hosts',
    act: listHosts,
  },
  {
    method: 'post',
    path: '/hosts',
    summary: 'Add a host, from a target alone or with checks',
    role: 'editor',
    input: hostInput,
    answer: hostAnswer,
    status: 201,
    act: createHost,
  },
  {
    method: 'get',
    path: '/hosts/:id',
    summary: 'One host with its checks',
    role: 'viewer',
    input: byId,
    answer: hostModel,
    act: getHost,
  },
  {
    method: 'patch',
    path: '/hosts/:id',
    summary: 'Change a host; `checks` is the whole list, known ones by id',
    role: 'editor',
    input: hostPatch,
    answer: hostAnswer,
    act: updateHost,
  },
  {
    method: 'delete',
    path: '/hosts/:id',
    summary: 'Remove a host and its checks',
    role: 'editor',
    input: byId,
    act: removeHost,
  },
  {
    method: 'post',
    path: '/tries',
    summary: 'Have a runner probe an unsaved check once',
    role: 'editor',
    input: checkInput,
    answer: tryTicket,
    status: 202,
    act: tryCheck,
  },
  {
    method: 'get',
    path: '/tries/:id',
    summary: 'How far a try has come',
    role: 'editor',
    input: byAskId,
    answer: tryModel,
    act: readTry,
  },
  {
    method: 'post',
    path: '/checks/:id/status',
    summary: 'Set the status of a check that is set by hand',
    role: 'editor',
    input: statusInput,
    act: setStatus,
  },
  {
    method: 'post',
    path: '/checks/:id/address',
    summary: 'Give a heartbeat another address; the one before is taken no more',
    role: 'editor',
    input: byId,
    answer: heartbeatModel,
    act: renewAddress,
  },
  {
    method: 'get',
    path: '/runners',
    summary: 'All runners',
    role: 'viewer',
    answer: z.array(runnerModel),
    wrap: 'runners',
    act: listRunners,
  },
  {
    method: 'get',
    path: '/runners/:id',
    summary: 'One runner, with how it is',
    role: 'viewer',
    input: byId,
    answer: runnerModel,
    act: getRunner,
  },
  {
    method: 'get',
    path: '/runners/:id/unable',
    summary: 'The checks that it cannot measure, and why',
    role: 'viewer',
    input: byId,
    answer: z.array(unableModel),
    wrap: 'checks',
    act: listUnable,
  },
  {
    method: 'patch',
    path: '/runners/:id',
    summary: 'Rename, move, disable, enable or approve a runner',
    role: 'owner',
    input: runnerPatch,
    answer: runnerModel,
    act: updateRunner,
  },
  {
    method: 'delete',
    path: '/runners/:id',
    summary: 'Revoke a runner for good',
    role: 'owner',
    input: byId,
    act: revokeRunner,
  },
  {
    method: 'get',
    path: '/join-codes',
    summary: 'Codes that can still be used',
    role: 'viewer',
    answer: z.array(joinCodeModel),
    wrap: 'joinCodes',
    act: listJoinCodes,
  },
  {
    method: 'post',
    path: '/join-codes',
    summary: 'A code for new runners, with the command to paste; shown once',
    role: 'owner',
    input: joinCodeInput,
    answer: newJoinCode,
    status: 201,
    act: createJoinCode,
  },
  {
    method: 'delete',
    path: '/join-codes/:id',
    summary: 'Revoke a code',
    role: 'owner',
    input: byCodeId,
    act: revokeJoinCode,
  },
  {
    method: 'get',
    path: '/locations',
    summary: 'All locations',
    role: 'viewer',
    answer: z.array(locationModel),
    wrap: 'locations',
    act: listLocations,
  },
  {
    method: 'patch',
    path: '/locations/:id',
    summary: 'Rename, enable or disable a location',
    role: 'owner',
    input: locationPatch,
    answer: locationModel,
    act: updateLocation,
  },
  {
    method: 'delete',
    path: '/locations/:id',
    summary: 'Remove a location that is not used',
    role: 'owner',
    input: byId,
    act: removeLocation,
  },
  {
    method: 'get',
    path: '/channels',
    summary: 'All channels, without their secrets',
    role: 'viewer',
    answer: z.array(channelModel),
    wrap: 'channels',
    act: listChannels,
  },
  {
    method: 'post',
    path: '/channels',
    summary: 'Add a channel, with a rule that sends everything to it from down on',
    role: 'owner',
    input: channelInput,
    answer: channelModel,
    status: 201,
    act: createChannel,
  },
  {
    method: 'patch',
    path: '/channels/:id',
    summary: 'Change a channel; secrets that are not named are kept',
    role: 'owner',
    input: channelPatch,
    answer: channelModel,
    act: updateChannel,
  },
  {
    method: 'delete',
    path: '/channels/:id',
    summary: 'Remove a channel with its rules',
    role: 'owner',
    input: byId,
    act: removeChannel,
  },
  {
    method: 'post',
    path: '/channels/:id/test',
    summary: 'Send a test message now',
    role: 'owner',
    input: byId,
    answer: testReceipt,
    act: testChannel,
  },
  {
    method: 'get',
    path: '/rules',
    summary: 'Which notices reach which channel',
    role: 'viewer',
    answer: z.array(ruleModel),
    wrap: 'rules',
    act: listRules,
  },
  {
    method: 'post',
    path: '/rules',
    summary: 'Add a rule',
    role: 'owner',
    input: ruleInput,
    answer: ruleModel,
    status: 201,
    act: createRule,
  },
  {
    method: 'patch',
    path: '/rules/:id',
    summary: 'Change a rule',
    role: 'owner',
    input: rulePatch,
    answer: ruleModel,
    act: updateRule,
  },
  {
    method: 'delete',
    path: '/rules/:id',
    summary: 'Remove a rule',
    role: 'owner',
    input: byId,
    act: removeRule,
  },
  {
    method: 'get',
    path: '/maintenances',
    summary: 'Planned work, that which ends last first',
    role: 'viewer',
    answer: z.array(maintenanceModel),
    wrap: 'maintenances',
    act: listMaintenances,
  },
  {
    method: 'post',
    path: '/maintenances',
    summary: 'Announce planned work: shown over the status, silent, and left out of uptime',
    role: 'editor',
    input: maintenanceInput,
    answer: maintenanceModel,
    status: 201,
    act: createMaintenance,
  },
  {
    method: 'patch',
    path: '/maintenances/:id',
    summary: 'Change planned work; what is not named stays',
    role: 'editor',
    input: maintenancePatch,
    answer: maintenanceModel,
    act: updateMaintenance,
  },
  {
    method: 'delete',
    path: '/maintenances/:id',
    summary: 'Take planned work back: what happened in it counts again',
    role: 'editor',
    input: byId,
    act: removeMaintenance,
  },
  {
    method: 'get',
    path: '/incidents',
    summary: 'The times checks were not up, newest first',
    role: 'viewer',
    input: incidentQuery,
    answer: incidentPage,
    act: listIncidents,
  },
  {
    method: 'get',
    path: '/incidents/:id',
    summary: 'One of them, with what runners saw when it began and ended',
    role: 'viewer',
    input: byId,
    answer: incidentWithEvidence,
    act: getIncident,
  },
  {
    method: 'get',
    path: '/deliveries',
    summary: 'Messages sent and owed, newest first',
    role: 'viewer',
    input: deliveryQuery,
    answer: deliveryPage,
    act: listDeliveries,
  },
  {
    method: 'get',
    path: '/settings/retention',
    summary: 'How long readings are kept',
    role: 'viewer',
    answer: retentionModel,
    act: getRetention,
  },
  {
    method: 'patch',
    path: '/settings/retention',
    summary: 'Change how long readings are kept; with dryRun only say what would be gone',
    role: 'owner',
    input: retentionPatch,
    answer: retentionModel,
    act: changeRetention,
  },
  {
    method: 'get',
    path: '/settings',
    summary: 'Settings of the whole',
    role: 'viewer',
    answer: settingsModel,
    act: getSettings,
  },
  {
    method: 'patch',
    path: '/settings',
    summary: 'Change settings; what is not named stays',
    role: 'owner',
    input: settingsPatch,
    answer: settingsModel,
    act: updateSettings,
  },
  {
    method: 'get',
    path: '/usage',
    summary: 'What is used of the plans, what it comes to, and what one more check would cost',
    role: 'viewer',
    answer: usageModel,
    act: getUsage,
  },
  {
    method: 'get',
    path: '/tokens',
    summary: 'API tokens by name',
    role: 'owner',
    answer: z.array(tokenModel),
    wrap: 'tokens',
    act: listTokens,
  },
  {
    method: 'post',
    path: '/tokens',
    summary: 'Make an API token; shown once',
    role: 'owner',
    input: tokenInput,
    answer: newToken,
    status: 201,
    act: createToken,
  },
  {
    method: 'delete',
    path: '/tokens/:id',
    summary: 'Revoke an API token',
    role: 'owner',
    input: byId,
    act: revokeToken,
  },
  {
    method: 'get',
    path: '/audit',
    summary: 'Who changed what, newest first',
    role: 'viewer',
    input: auditQuery,
    answer: auditPage,
    act: listAudit,
  },
];
