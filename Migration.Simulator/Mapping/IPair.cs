namespace Migration.Simulator.Mapping;

/// <summary>A row that ties a NOMIS key to a DPS id.</summary>
public interface IPair<out TKey>
{
    TKey NomisKey { get; }

    string DpsId { get; }

    string? Label { get; }
}
