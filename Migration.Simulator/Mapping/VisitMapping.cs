namespace Migration.Simulator.Mapping;

/// <summary>A row of the mapping service.</summary>
public sealed record VisitMapping(long NomisId, string VsipId, string? Label, string MappingType, DateTime WhenCreated);
