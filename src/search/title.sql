case matched.resource
  when 'actors' then (select actor.name from actors as actor where actor.id = matched.id)
  when 'programmes' then (
    select programme.code || ' ' || programme.name from programmes as programme where programme.id = matched.id
  )
  when 'sources' then (select source.title from sources as source where source.id = matched.id)
  when 'diplomatic_actions' then (select action.title from diplomatic_actions as action where action.id = matched.id)
  when 'sanctions' then (
    select imposer.name || ' sanctions ' || target.name
    from sanctions as sanction
    join actors as imposer on imposer.id = sanction.imposer_id
    join actors as target on target.id = sanction.target_id
    where sanction.id = matched.id
  )
  when 'relationships' then (
    select subject.name || ' ' || kind.label || ' ' || object.name
    from relationships as relationship
    join relationship_kinds as kind on kind.code = relationship.kind
    join actors as subject on subject.id = relationship.subject_id
    join actors as object on object.id = relationship.object_id
    where relationship.id = matched.id
  )
end
