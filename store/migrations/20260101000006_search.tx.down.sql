drop index customers_search_terms_idx;

--bun:split

drop index customers_search_text_idx;

--bun:split

drop index customers_phone_terms_idx;

--bun:split

drop index contacts_search_terms_idx;

--bun:split

drop index contacts_search_text_idx;

--bun:split

drop index contacts_phone_terms_idx;

--bun:split

drop index opportunities_search_terms_idx;

--bun:split

drop index opportunities_search_text_idx;

--bun:split

drop index services_search_terms_idx;

--bun:split

drop index services_search_text_idx;

--bun:split

drop index documents_search_terms_idx;

--bun:split

drop index documents_search_text_idx;

--bun:split

drop index activities_search_terms_idx;

--bun:split

drop index activities_search_text_idx;

--bun:split

drop index competitors_search_terms_idx;

--bun:split

drop index competitors_search_text_idx;

--bun:split

drop index products_search_terms_idx;

--bun:split

drop index products_search_text_idx;

--bun:split

drop index users_search_terms_idx;

--bun:split

drop index users_search_text_idx;
