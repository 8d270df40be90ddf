using Migration.Simulator.Nomis;

namespace Migration.Simulator.Mapping;

/// <summary>A row of the mapping service: which DPS adjustment stands for which NOMIS adjustment.</summary>
public sealed record AdjustmentMapping(AdjustmentKey NomisKey, string DpsId, string? Label, string MappingType, DateTime WhenCreated) : IPair<AdjustmentKey>;
