drop table holding_state, holding_counts, holding_changes;

--bun:split

drop index services_opportunity_id_idx, documents_opportunity_id_idx, documents_service_id_idx, activities_opportunity_id_idx, activities_service_id_idx,
    activities_assignee_id_idx, relationships_valid_until_idx;
