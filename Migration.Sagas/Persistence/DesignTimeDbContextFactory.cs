using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Migration.Sagas.Persistence;

/// <summary>For <c>dotnet ef migrations add</c>, which needs the model and no database.</summary>
public sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<MigrationDbContext>
{
    public MigrationDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<MigrationDbContext>().UseNpgsql("Host=localhost").Options);
}
