using System.Text.Json.Serialization;

namespace Migration.Contracts;

/// <summary>
/// Every migration that the REST contract knows, by its wire name (spec: engine 1.6). A type without a registered domain
/// is accepted in read paths and answers with nothing.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<MigrationType>))]
public enum MigrationType
{
    ACTIVITIES,
    AGENCY_REGISTERS,
    ALLOCATIONS,
    APPOINTMENTS,
    CORE_PERSON,
    COURT_SCHEDULER,
    COURT_SENTENCING,
    CSRA,
    EXTERNAL_MOVEMENTS,
    OFFICIAL_VISITS,
    PRISON_BALANCE,
    PRISONER_BALANCE,
    PROPERTY,
    SENTENCING_ADJUSTMENTS,
    STAFF,
    TRANSFER_MOVEMENTS,
    VISITS,
    VISIT_SLOTS,
}
